"""The pages as somebody meets them: accessible at each width and in both themes, by keyboard, remembered."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.looks import DESKS, PHONE, flaws, flaws_when_loaded, look, violations
from tests.support.waiting import eventually

CALLER, AGENT, COLLEAGUE = "+16175550188", "+13125550147", "+13125550188"


@pytest.fixture(scope="module")
def floor(earshot: Earshot) -> str:
    """Two conferences and two waiting callers; the first conference's id."""
    first, _ = earshot.simulator.conference("Claims 3307", CALLER, AGENT)
    earshot.simulator.conference("Sales 4412", "+16175550199", COLLEAGUE)
    for number in ("+13035550164", "+13035550165"):
        earshot.simulator.call(number, queue="Claims")
    return first


def rows(page: Page) -> Locator:
    return page.locator("tbody[data-list=conferences] > tr:visible")


def live(page: Page) -> Page:
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    return page


def on_the_floor(windows: Windows, path: str = "/floor/", **context: Any) -> Page:
    page = live(windows.open(path, **context))
    expect(page.locator("tbody[data-list=conferences] > tr")).to_have_count(2)
    # The page's own scripts have run: one row is in the tab order.
    expect(page.locator("tbody[data-list=conferences] > tr[tabindex='0']")).to_have_count(1)
    return page


def test_the_floor_is_accessible(windows: Windows, floor: str) -> None:
    assert flaws(on_the_floor(windows, **look("light", 1440)), DESKS) == []
    assert flaws(on_the_floor(windows, **look("light", 390)), PHONE) == []


def test_every_page_is_accessible(windows: Windows, floor: str) -> None:
    page = on_the_floor(windows)
    queue = page.locator("[data-list=queues] a").first.get_attribute("href")
    for path in (
        f"/conferences/{floor}/",
        "/conferences/ended/",
        "/queues/",
        queue,
        "/agents/",
        "/no-such-page/",
    ):
        assert flaws_when_loaded(page, str(path)) == [], path


def test_what_opens_on_the_floor_is_accessible(windows: Windows, floor: str) -> None:
    page = on_the_floor(windows)
    row = rows(page).filter(has_text="Claims 3307")
    row.click()
    expect(page.locator("#pane .pane-head h2")).to_have_text("Claims 3307")
    assert violations(page) == []
    row.get_by_role("button", name="More for Claims 3307").click()
    menu = page.locator("#row-menu")
    menu.locator("summary").click()
    expect(menu.get_by_text("End Claims 3307 for both people?")).to_be_visible()
    expect(menu.get_by_role("button", name="Keep")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(menu.get_by_text("End Claims 3307 for both people?")).to_be_hidden()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_who_waits_and_to_whom_they_went_before(windows: Windows, floor: str, earshot: Earshot) -> None:
    """What opens of who waits, and what stands beside who was answered: by mouse and by keyboard."""
    number, queue = "+16505552021", "Upgrades"
    first = earshot.simulator.call(number, queue=queue)
    earshot.simulator.command(f"/conferences/{floor}/actions/join", {"call_control_id": first})
    earshot.simulator.does(first, "hangup")
    second = earshot.simulator.call(number, queue=queue)
    # A card tells what is known when it opens.
    been = "select id from conferences_participant where call_control_id = ? and left_at is not null"
    eventually(lambda: earshot.rows(been, first))
    eventually(lambda: earshot.rows("select id from queues_queuedcall where call_control_id = ?", second))
    page = live(windows.open("/queues/"))
    page.get_by_role("link", name=queue).click()
    opened = page.locator(".pop:popover-open")

    before = page.get_by_role("button", name="+1 650 ••• 2021, calls before")
    before.click()
    expect(opened.get_by_role("link", name="Claims 3307")).to_be_visible()
    expect(opened).to_contain_text("Here 1 time before")
    assert flaws(live(page)) == []
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    expect(before).to_be_focused()

    left = page.locator(".gone-table tbody tr").first
    expect(left).to_contain_text("Claims 3307, Priya Nair")
    link = left.get_by_role("link", name="Claims 3307")
    link.focus()
    earshot.simulator.call("+16505552022", queue=queue)  # the page is drawn anew
    expect(page.get_by_role("heading", name="Waiting callers, 2")).to_be_visible()
    expect(link).to_be_focused()
    expect(left).to_contain_text("Claims 3307, Priya Nair")
    assert flaws(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Claims 3307", level=1)).to_be_visible()
    earshot.simulator.does(second, "hangup")


def test_a_card_opened_before_its_script_is_there_is_filled(
    windows: Windows, floor: str, earshot: Earshot
) -> None:
    page = windows.open("/queues/")
    held: list[Route] = []
    page.route("**/options.js*", lambda route: held.append(route))
    page.get_by_role("link", name="Claims", exact=True).click(no_wait_after=True)
    page.locator(".caller-name").first.click()
    opened = page.locator(".pop:popover-open")
    expect(opened).to_be_visible()
    expect(opened.locator("[data-ask]")).to_be_empty()
    eventually(lambda: page.evaluate("true") and held)  # Playwright hands over only while it is asked
    for one in held:
        one.continue_()
    expect(opened.locator("[data-ask]")).to_contain_text("before")


def test_a_row_of_who_waits_fits_its_panel_at_each_width(windows: Windows, floor: str) -> None:
    page = live(windows.open("/queues/"))
    page.get_by_role("link", name="Claims", exact=True).click()
    panel, row = page.locator(".waiting-panel"), page.locator("tr[data-caller]").first
    take = row.get_by_role("button", name=re.compile("^Take .* into a conference$"))
    for width in (1440, 1280, 1100, 1024, 1000, 800, 720):
        page.set_viewport_size({"width": width, "height": 900})
        edge, line, button = panel.bounding_box(), row.bounding_box(), take.bounding_box()
        assert edge and line and button
        assert line["x"] + line["width"] <= edge["x"] + edge["width"], width
        assert line["height"] <= 50, width
        assert 40 <= button["width"] <= 200, width


def test_filters_are_in_the_address_and_survive_a_reload(windows: Windows, floor: str) -> None:
    page = on_the_floor(windows)
    page.keyboard.press("/")
    page.keyboard.type("sales")
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile("search=sales"))
    page.reload()
    expect(rows(live(page))).to_have_count(1)
    page.get_by_role("searchbox").fill("4499")
    expect(page.get_by_text("No conference matches “4499”")).to_be_visible()
    expect(page.get_by_text("2 are live.")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="Not recording").click()
    expect(page.get_by_role("button", name="Not recording")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("tab=unrecorded"))


def test_a_floor_by_keyboard_alone(windows: Windows, floor: str, earshot: Earshot) -> None:
    page = on_the_floor(windows)
    earshot.simulator.forget_requests()
    rows(page).first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    selected = page.locator("tr[aria-selected=true]")
    name = str(rows(page).nth(1).get_attribute("data-name"))
    expect(selected).to_have_attribute("data-name", name)
    expect(selected).to_be_focused()
    expect(page.locator("#pane .pane-head h2")).to_have_text(name)
    page.locator("#pane [data-person]").first.focus()
    page.keyboard.press("m")
    page.keyboard.press("m")
    expect(page.locator("#pane").get_by_role("button", name=re.compile("^Unmute "))).to_be_visible()
    assert len(earshot.simulator.requests("/actions/mute")) == 1
    page.keyboard.press("Escape")
    expect(page.locator("#pane")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("q")
    expect(page).to_have_url(re.compile("/queues/$"))


def test_focus_goes_on_beside_what_is_gone(windows: Windows, floor: str, earshot: Earshot) -> None:
    conference, _ = earshot.simulator.conference("Claims 3399", "+16175550131", "+16175550132", COLLEAGUE)
    page = live(windows.open(f"/conferences/{conference}/"))
    focused = page.locator(":focus")
    people = page.locator(".people-table [data-person]")
    expect(people).to_have_count(3)
    page.get_by_role("button", name="Record Claims 3399").first.press("Enter")
    stop = page.get_by_role("button", name="Stop recording")
    stop.press("Enter")
    expect(stop).to_have_count(0)
    expect(focused).to_have_accessible_name(re.compile("[Rr]ecord"))

    last = people.last.locator("summary", has_text="Remove").first
    last.press("Enter")
    expect(focused).to_have_text(re.compile("Keep"))
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(people).to_have_count(2)
    expect(people.last).to_be_focused()

    page.locator(".end-panel summary").press("Enter")
    expect(focused).to_have_text(re.compile("Keep"))
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".page-head")).to_contain_text("Ended")
    expect(focused).to_be_visible()


# How much of each hint that is drawn at all is within their place, 0 to 1.
SEEN_OF_HINTS = """(place) => {
  const { left, right, top, bottom } = place.getBoundingClientRect();
  const part = (from, to, low, high) => Math.max(0, Math.min(to, high) - Math.max(from, low)) / (to - from);
  const seen = (box) => part(box.left, box.right, left, right) * part(box.top, box.bottom, top, bottom);
  const drawn = [...place.children].map((hint) => hint.getBoundingClientRect()).filter(({ width }) => width);
  return drawn.map((box) => Math.round(100 * seen(box)) / 100);
}"""


def test_no_hint_of_a_key_is_cut(windows: Windows, floor: str) -> None:
    for width in (1440, 1280, 1024, 800):
        page = on_the_floor(windows, **look("light", width))
        parts = page.locator(".hints").evaluate(SEEN_OF_HINTS)
        assert parts and set(parts) <= {0, 1} and 1 in parts, (width, parts)
        expect(page.locator("[data-all-keys]")).to_be_in_viewport(ratio=1)


def test_the_agents_by_keyboard_alone(windows: Windows, floor: str, earshot: Earshot) -> None:
    page = live(windows.open("/agents/"))
    everybody = page.locator("[data-list=agents] > tr")
    pane = page.locator("#agent-pane")
    expect(page.locator("[data-list=agents] > tr[tabindex='0']")).to_have_count(1)
    everybody.first.focus()
    page.keyboard.press("Enter")
    expect(pane.locator("h2").first).to_have_text(str(everybody.first.get_attribute("data-name")))
    page.keyboard.press("ArrowDown")
    name = str(everybody.nth(1).get_attribute("data-name"))
    expect(pane.locator("h2").first).to_have_text(name)
    expect(everybody.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(r"agent=\d+"))
    assert violations(page) == []
    page.reload()
    expect(pane.locator("h2").first).to_have_text(name)
    page.locator("[data-list=agents] > tr[aria-selected=true]").focus()
    page.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    expect(page).not_to_have_url(re.compile("agent="))


def test_on_a_phone_an_agent_is_a_page(windows: Windows, floor: str) -> None:
    page = live(windows.open("/agents/", viewport={"width": 390, "height": 844}))
    page.locator("[data-list=agents] > tr", has_text="Claims 3307").locator("[data-open-agent]").click()
    expect(page).to_have_url(re.compile(r"/agents/\d+/$"))
    expect(page.locator(".supervise")).to_be_visible()
    # Their call of now grows in its hour, and the table says the same.
    expect(page.locator(".day-hour:visible rect.now").last).not_to_have_attribute("width", "0%")
    page.locator(".twin > summary").click()
    expect(page.locator(".day-table tbody tr").first).to_contain_text(
        re.compile(r"On a call, now\s*\d+:\d\d")
    )
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("navigation", name="Path").get_by_role("link", name="Agents").click()
    expect(page).to_have_url(re.compile(r"/agents/$"))


def test_nothing_moves_under_the_pointer(windows: Windows, earshot: Earshot, floor: str) -> None:
    page = on_the_floor(windows, "/floor/?sort=name")
    names = [row.get_attribute("data-name") for row in rows(page).all()]
    rows(page).last.hover()
    third, _ = earshot.simulator.conference("Billing 1180", "+16175550198", COLLEAGUE)
    expect(rows(page).last).to_have_attribute("data-name", "Billing 1180")
    moved = page.get_by_role("button", name="1 moved")
    expect(moved).to_be_visible()
    assert [row.get_attribute("data-name") for row in rows(page).all()] == [*names, "Billing 1180"]
    moved.click()
    assert [row.get_attribute("data-name") for row in rows(page).all()] == ["Billing 1180", *names]
    earshot.simulator.command(f"/conferences/{third}/actions/end")
    expect(rows(page)).to_have_count(2)


def test_theme_and_rows_are_kept_for_the_person(windows: Windows, floor: str) -> None:
    page = on_the_floor(windows, who="colleague")
    page.get_by_role("button", name="Luis Ortega").click()
    page.get_by_role("button", name="Dark").click()
    page.keyboard.press("Escape")
    with page.expect_response("**/preferences"):
        page.get_by_role("button", name="Compact").click()
    again = on_the_floor(windows, who="colleague")
    expect(again.locator("html")).to_have_attribute("data-theme", "dark")
    expect(again.locator("html[data-compact]")).to_have_count(1)


def test_an_agent_sees_queues_without_buttons(windows: Windows, floor: str) -> None:
    page = live(windows.open("/queues/", who="agent"))
    pages = page.get_by_role("navigation", name="Pages").get_by_role("link")
    expect(pages).to_have_text(["My calls", "Queues", "Wallboards"])
    page.get_by_role("link", name="Claims").click()
    expect(page.get_by_role("rowheader", name="+1 303 ••• 0164")).to_be_visible()
    expect(page.locator("[data-command]")).to_have_count(0)
    page.goto("/floor/")
    expect(page.get_by_role("heading", name="Your role does not allow this page")).to_be_visible()


def test_a_telnyx_that_is_down_is_not_an_empty_floor(windows: Windows, floor: str, earshot: Earshot) -> None:
    page = on_the_floor(windows)
    earshot.simulator.cut_reads()
    try:
        expect(page.get_by_text(re.compile("Telnyx cannot be reached since"))).to_be_visible()
        expect(
            page.get_by_text(re.compile("Calls go on, but Earshot cannot see or change them"))
        ).to_be_visible()
        earshot.simulator.no_faults()
        page.get_by_role("button", name="Try now").click()
        expect(page.get_by_text(re.compile("Telnyx cannot be reached since"))).to_be_hidden()
    finally:
        earshot.simulator.no_faults()
