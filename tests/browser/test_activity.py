"""The activity in a browser: who listened to whom by mouse and keys, in both themes, on a phone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.looks import DESKS, PHONES, flaws, look
from tests.support.scene import Scene, set_scene
from tests.support.supervising import AGENT, leave, let_go, set_phone, state_is, supervise


@pytest.fixture(scope="module")
def scene(earshot: Earshot) -> Scene:
    """A conference in which Dana listened, whispered and left."""
    set_phone(earshot)
    scene = set_scene(earshot, AGENT)
    supervise(scene, "listen")
    state_is(scene, "connected", "monitor")
    supervise(scene, "whisper")
    state_is(scene, "connected", "whisper")
    leave(earshot)
    state_is(scene, "ended")
    return scene


def opened(windows: Windows, path: str = "/activity/", who: str = "colleague", **look: Any) -> Page:
    page = windows.open(path, who=who, **look)
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    return page


def row(page: Page, scene: Scene) -> Locator:
    return page.locator("tbody[data-list=activity] tr", has_text=scene.name).first


def details(page: Page) -> Locator:
    return page.locator("#listened-pane")


def test_it_is_accessible(windows: Windows, scene: Scene) -> None:
    page = opened(windows, **look("light", 1440))
    row(page, scene).get_by_role("link", name="Dana Whitfield").click()
    expect(details(page)).to_contain_text("The caller never heard Dana Whitfield.")
    assert flaws(page, DESKS) == []
    page.goto("/activity/?view=commands")
    expect(row(page, scene)).to_be_visible()
    assert flaws(page, DESKS) == []
    page.goto("/activity/?q=4499")
    expect(page.get_by_text("No supervision matches “4499”, Today")).to_be_visible()
    assert flaws(page, DESKS) == []


def test_on_a_phone_a_row_leads_to_its_page(windows: Windows, scene: Scene) -> None:
    page = opened(windows, **look("light", 390))
    assert flaws(page, PHONES) == []
    row(page, scene).get_by_role("link", name="Dana Whitfield").click()
    expect(page).to_have_url(re.compile(r"/activity/supervisions/[0-9a-f-]{36}/$"))
    expect(page.get_by_text("The caller never heard Dana Whitfield.")).to_be_visible()
    assert flaws(page, PHONES) == []


def test_keys_go_through_the_rows_and_open_who_heard_whom(windows: Windows, scene: Scene) -> None:
    page = opened(windows)
    page.locator(".table-frame").focus()
    page.keyboard.press("ArrowDown")
    link = page.locator("[data-open-row]").first
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(details(page).get_by_role("heading", name="Who heard whom")).to_be_visible()
    expect(page.locator("tr[data-open]")).to_have_count(1)
    expect(
        details(page).get_by_role("img", name=re.compile("Priya Nair heard Dana Whitfield"))
    ).to_be_visible()
    page.reload()
    expect(details(page).get_by_role("heading", name="Who heard whom")).to_be_visible()
    page.keyboard.press("Escape")
    expect(details(page)).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("luis")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/activity/\?q=luis$"))
    page.get_by_role("link", name="Clear filters").click()
    expect(row(page, scene)).to_be_visible()


def test_who_is_running_comes_first_and_grows(windows: Windows, earshot: Earshot, scene: Scene) -> None:
    page = opened(windows)
    set_phone(earshot)
    other = set_scene(earshot, AGENT)
    supervise(other, "listen")
    first = page.locator("tbody[data-list=activity] tr").first
    expect(first).to_contain_text(other.name)
    expect(first).to_contain_text(re.compile(r"Listening\s*0:0[2-9]"))
    expect(page.locator(".chips")).to_have_text("1 running")
    widths = first.locator("rect").first.get_attribute("width")
    expect(first.locator("rect").first).not_to_have_attribute("width", widths or "")
    let_go(earshot)
    expect(first).not_to_contain_text("now")


def test_a_file_is_taken_away_and_that_is_seen(windows: Windows, scene: Scene) -> None:
    page = opened(windows)
    with page.expect_download() as taken:
        page.get_by_role("button", name=re.compile("Export CSV")).click()
    assert taken.value.suggested_filename == "activity supervision.csv"
    page.get_by_role("link", name=re.compile("Commands")).click()
    expect(page.get_by_text("supervision as CSV, Today").first).to_be_visible()
