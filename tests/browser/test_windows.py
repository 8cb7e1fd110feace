"""The windows of the browser tests themselves: signed in, watched for errors."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot


def test_each_person_has_a_window_of_their_own(windows: Windows) -> None:
    expect(windows.open("/floor/", who="supervisor").locator("header")).to_contain_text("Dana Whitfield")
    expect(windows.open("/floor/", who="colleague").locator("header")).to_contain_text("Luis Ortega")
    expect(windows.open("/floor/", who="").get_by_label("Password", exact=True)).to_be_visible()


def test_a_script_error_is_told(browser: Browser, earshot: Earshot) -> None:
    windows = Windows(browser, earshot)
    page = windows.open("/floor/")
    page.evaluate("setTimeout(() => { throw new Error('made by a test') })")
    page.wait_for_function("new Promise(done => setTimeout(() => done(true)))")
    with pytest.raises(AssertionError, match="made by a test"):
        windows.close()
