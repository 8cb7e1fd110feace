"""Browser tests: one Chromium and one running Earshot for each file."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import Windows, chromium
from tests.support.earshot import Earshot


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def windows(browser: Browser, earshot: Earshot) -> Iterator[Windows]:
    """`windows.open("/floor/", who="colleague")`; a script error or a breach of the CSP fails the test."""
    windows = Windows(browser, earshot)
    yield windows
    windows.close()
