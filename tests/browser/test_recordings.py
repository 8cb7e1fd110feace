"""The page of recordings in a browser: its player by mouse and keys, deleting in two steps, both themes."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.looks import flaws, look, violations
from tests.support.waiting import eventually

CALLER, AGENT = "+16175550188", "+13125550147"


@pytest.fixture(scope="module")
def recorded(earshot: Earshot) -> str:
    """A conference with two recordings of ten minutes; its id."""
    conference, _ = earshot.simulator.conference("Claims 3307", CALLER, AGENT)
    for _ in range(2):
        about = {"seconds": 600, "conference_id": conference}
        httpx.post(f"{earshot.simulator.url}/_simulator/recordings", json=about).raise_for_status()
    count = "select count(*) from recordings_recording where name <> ''"
    eventually(lambda: earshot.rows(count) == [(2,)])
    return conference


def opened(windows: Windows, path: str = "/recordings/", who: str = "admin", **look: Any) -> Page:
    page = windows.open(path, who=who, **look)
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    return page


def row(page: Page) -> Locator:
    return page.locator("tr[data-state=kept]").first


def now_at(page: Page) -> Locator:
    return page.locator("[data-now-at]")


def plays(earshot: Earshot) -> int:
    return int(earshot.rows("select count(*) from dashboard_command where action = 'play-recording'")[0][0])


def test_it_is_accessible(windows: Windows, recorded: str) -> None:
    page = opened(windows, **look("light", 1440))
    row(page).get_by_role("button", name="Play Claims 3307").click()
    expect(page.locator(".player-row[data-playing]")).to_be_visible()
    row(page).get_by_role("button", name="Delete Claims 3307").click()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    assert flaws(page) == []
    page.goto("/recordings/?q=4499")
    expect(page.get_by_text("No recording matches “4499”")).to_be_visible()
    assert flaws(page) == []


def test_it_plays_and_seeks_by_keys_and_is_logged_once(
    windows: Windows, earshot: Earshot, recorded: str
) -> None:
    page = opened(windows, who="supervisor")
    before = plays(earshot)
    row(page).get_by_role("button", name="Play Claims 3307").click()
    expect(page.locator(".player-row[data-playing]")).to_be_visible()
    expect(now_at(page)).not_to_have_text("0:00")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", re.compile(r"^2\d$"))
    box = page.locator("[data-drawing]").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", re.compile(r"^30\d$"))
    page.get_by_role("button", name="2×", exact=True).click()
    expect(page.get_by_role("button", name="2×", exact=True)).to_have_attribute("aria-pressed", "true")
    page.locator(".table-frame").focus()
    page.keyboard.press(" ")
    expect(page.locator(".player-row[data-playing]")).to_have_count(0)
    assert plays(earshot) == before + 1
    expect(row(page)).to_contain_text("Dana Whitfield")
    page.keyboard.press("Escape")
    expect(page.locator(".player-row")).to_have_count(0)


def test_only_one_player_is_open(windows: Windows, recorded: str) -> None:
    page = opened(windows, who="supervisor")
    for number in (0, 1):
        page.locator("tr[data-state=kept]").nth(number).get_by_role("button", name="Play Claims 3307").click()
        expect(page.locator(".player-row[data-playing]")).to_have_count(1)
    expect(page.locator(".player-row")).to_have_count(1)
    expect(page.locator("tr[data-open]")).to_have_count(1)


def test_filters_are_in_the_address(windows: Windows, recorded: str) -> None:
    page = opened(windows)
    page.keyboard.press("/")
    page.keyboard.type("3307")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/recordings/\?q=3307(&sort=newest)?$"))
    page.locator("select[name=pauses]").select_option("With pauses")
    expect(page.get_by_text("No recording matches “3307”, With pauses")).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(row(page)).to_be_visible()


def test_it_is_deleted_in_two_steps_and_everybody_sees_it(windows: Windows, recorded: str) -> None:
    page, other = opened(windows), opened(windows, who="colleague")
    row(page).get_by_role("button", name="Delete Claims 3307").click()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".delete-row")).to_have_count(0)
    row(page).get_by_role("button", name="Delete Claims 3307").click()
    page.get_by_label("Reason").select_option("the caller asked for it")
    page.locator(".delete-form").get_by_role("button", name="Delete").click()
    for screen in (page, other):
        expect(screen.get_by_text("Deleted by Ruth Adeyemi")).to_be_visible()
    assert violations(page) == []
