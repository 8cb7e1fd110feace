"""A floor of more conferences than fit: only those in sight are in the document, all true when seen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bench.places import Place, databases, earshot
from tests.support.browser import Windows
from tests.support.events import event
from tests.support.looks import violations
from tests.support.signing import sign

COUNT = 230  # more than static/rows.js has in the document at once
ELAPSED = re.compile(r"\d+:\d\d")
BEGAN = datetime.now(UTC) - timedelta(hours=1)


class Telnyx:
    """Posts webhooks about conference `number`; the lower the number, the longer it has been going on."""

    def __init__(self, place: Place) -> None:
        self._place, self._client = place, httpx.Client(timeout=30)

    def tell(self, kind: str, number: int, seconds: float = 0, **payload: Any) -> None:
        at = BEGAN + timedelta(seconds=10 * number + seconds)
        body = event(f"conference.{kind}", at=at, conference_id=f"long-{number:03d}", **payload)
        while (
            answer := self._client.post(self._place.url, content=body, headers=sign(body))
        ).status_code == 503:
            pass
        assert answer.status_code == 200


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("long")
    folder.chmod(0o755)
    with databases("SQLite", folder) as made, earshot(made("earshot"), folder) as place:
        yield place


@pytest.fixture(scope="module")
def telnyx(place: Place) -> Telnyx:
    telnyx = Telnyx(place)
    for number in range(COUNT):
        telnyx.tell("created", number, call_control_id=f"v3:{number}")
    place.wait_until_projected()
    return telnyx


@contextmanager
def floor(browser: Browser, place: Place, path: str = "/floor/", **context: Any) -> Iterator[Page]:
    windows = Windows(browser, place)
    page = windows.open(path, **context)
    # Not by `expect`: it describes the whole document to itself each time the answer is no.
    page.locator("html[data-connection=live]").wait_for()
    yield page
    windows.close()


def in_document(page: Page) -> Locator:
    return page.locator("[data-list=conferences] > [data-key]")


def row(page: Page, number: int) -> Locator:
    return page.locator(f"#c-long-{number:03d}")


def scroll(page: Page, share: float) -> None:
    page.locator(".table-frame").evaluate(
        "(frame, share) => { frame.scrollTop = share * frame.scrollHeight }", share
    )


def rows_in_order(page: Page) -> list[str]:
    return [key for key in in_document(page).evaluate_all("rows => rows.map(row => row.dataset.key)") if key]


def test_what_is_scrolled_to_is_there_and_what_changed_out_of_sight_is_true(
    browser: Browser, place: Place, telnyx: Telnyx
) -> None:
    with floor(browser, place) as page:
        live = page.locator("[data-live-count]")
        expect(live).to_have_text(f"{COUNT} live")
        expect(page.locator("table.conferences")).to_have_attribute("aria-rowcount", str(COUNT + 1))
        expect(row(page, 0)).to_be_visible()
        expect(row(page, 200)).to_have_count(0)
        assert in_document(page).count() < 100

        telnyx.tell("participant.joined", 215, 5, call_control_id="v3:late")
        telnyx.tell("ended", 220, 6, reason="all_left")
        telnyx.tell("created", COUNT, call_control_id="v3:newest")
        expect(page.locator("[data-sum-people]")).to_have_text("1 person")
        expect(page.locator("[data-sum-conferences]")).to_have_text(f"{COUNT} conferences")
        telnyx.tell("ended", COUNT, 6, reason="all_left")
        expect(live).to_have_text(f"{COUNT - 1} live")

        scroll(page, 1)
        expect(row(page, COUNT - 1)).to_be_in_viewport()
        expect(row(page, COUNT - 1).locator("[data-since]").first).to_have_text(ELAPSED)
        expect(row(page, 215)).to_have_attribute("data-people", "1")
        expect(row(page, 220)).to_have_count(0)
        expect(row(page, 0)).to_have_count(0)
        button = row(page, 215).locator("[hx-post$='/record']")
        with page.expect_request("**/conferences/long-215/record"):  # it was drawn anew before it was seen
            button.click()
        keys = rows_in_order(page)
        assert violations(page) == []
        assert keys == sorted(keys) and keys[-1] == f"long-{COUNT - 1:03d}"
        shown = row(page, 215).inner_text()
        page.reload()
        expect(live).to_have_text(f"{COUNT - 1} live")
        scroll(page, 1)
        assert without_times(row(page, 215).inner_text()) == without_times(shown)


def without_times(text: str) -> str:
    """Also those that are said to readers, `24 minutes 27 seconds`."""
    return re.sub(r"(\d+ (hour|minute|second)s? ?)+|\d+", "", text)


def test_search_and_keys_reach_every_row(browser: Browser, place: Place, telnyx: Telnyx) -> None:
    with floor(browser, place, "/floor/?conference=long-215") as page:
        expect(row(page, 215)).to_have_attribute("aria-selected", "true")
        expect(row(page, 215)).to_be_in_viewport()
        for _ in range(10):
            page.keyboard.press("ArrowDown")
        expect(row(page, 226)).to_be_focused()
        expect(row(page, 226)).to_be_in_viewport()
        scroll(page, 0)
        expect(row(page, 0)).to_be_in_viewport()
        page.keyboard.press("ArrowDown")
        expect(row(page, 227)).to_be_focused()
        expect(row(page, 227)).to_be_in_viewport()

        page.keyboard.press("/")
        page.keyboard.type("nothing like it")
        expect(page.locator("[data-empty=match]")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("[data-empty=match]")).to_be_hidden()
        expect(in_document(page).first).to_be_visible()


def test_on_a_phone_all_are_there(browser: Browser, place: Place, telnyx: Telnyx) -> None:
    with floor(browser, place, viewport={"width": 390, "height": 844}, has_touch=True) as page:
        expect(in_document(page)).to_have_count(COUNT - 1)
        row(page, COUNT - 1).scroll_into_view_if_needed()
        expect(row(page, COUNT - 1)).to_be_in_viewport()
        page.set_viewport_size({"width": 1440, "height": 900})
        expect(row(page, 0)).to_have_count(1)
        page.wait_for_function(
            "document.querySelectorAll('[data-list=conferences] > [data-key]').length < 100"
        )
        expect(page.locator("[data-live-count]")).to_have_text(f"{COUNT - 1} live")


def become_quiet(telnyx: Telnyx, number: int, ago: float) -> None:
    """Who had the floor left `ago` seconds before now, and somebody is still there."""
    left = (datetime.now(UTC) - BEGAN).total_seconds() - 10 * number - ago
    for who in ("stays", "leaves"):
        telnyx.tell("participant.joined", number, left - 20, call_control_id=f"v3:{who}-{number}")
    telnyx.tell("floor.changed", number, left - 10, call_control_id=f"v3:leaves-{number}")
    telnyx.tell("participant.left", number, left, call_control_id=f"v3:leaves-{number}")


def test_what_becomes_bad_out_of_sight_comes_to_the_top(
    browser: Browser, place: Place, telnyx: Telnyx
) -> None:
    with floor(browser, place) as page:
        expect(row(page, 216)).to_have_count(0)
        become_quiet(telnyx, 216, ago=57)  # amber after 60 s: nothing is sent when they have passed
        expect(row(page, 216)).to_be_in_viewport()
        expect(row(page, 216)).to_have_attribute("data-level", "amber")
        expect(row(page, 216).locator(".mark[data-worst]")).to_have_text(re.compile(r"Quiet 1:0\d"))
        become_quiet(telnyx, 217, ago=600)
        expect(in_document(page).first).to_have_attribute("data-key", "long-217")
        expect(row(page, 217)).to_have_attribute("data-level", "red")
        expect(row(page, 217).locator(".c-who")).to_contain_text("Number not known yet")
        expect(page.locator("[data-count-of=attention]")).to_have_text("2")
        shown = [without_times(row(page, number).inner_text()) for number in (217, 216)]
        page.reload()
        expect(row(page, 216)).to_be_in_viewport()
        assert [without_times(row(page, number).inner_text()) for number in (217, 216)] == shown
        for number in (216, 217):
            telnyx.tell("ended", number, 3600, reason="all_left")
        expect(page.locator("[data-count-of=attention]")).to_have_text("0")
