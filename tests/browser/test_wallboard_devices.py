"""A screen on the wall in a real browser: from the link that a supervisor makes to its end."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.looks import violations
from tests.support.pressing import press
from tests.support.waiting import eventually

WALL: dict[str, Any] = {
    "name": "Front desk",
    "layout": "rows",
    "theme": "dark",
    "metrics": ["waiting", "longest"],
}


def hang(earshot: Earshot) -> str:
    """The address of a wallboard with one queue and one caller."""
    earshot.simulator.call("+16175550188", queue="Returns")
    found = "select id from queues_queue"
    eventually(lambda: len(earshot.rows(found)) == 1)
    answer = press(earshot, "/wallboards/new/", **WALL, queues=[earshot.rows(found)[0][0]])
    return str(answer.headers["HX-Redirect"]).removesuffix("edit/")


def make_link(desk: Page, name: str) -> str:
    desk.get_by_label("Where the screen hangs").fill(name)
    desk.get_by_role("button", name="New link").click()
    expect(desk.get_by_text(f"New link for “{name}”")).to_be_visible()
    return desk.get_by_label("The link", exact=True).input_value()


def revoke(desk: Page, name: str) -> None:
    """Asked once: Keep has the focus. By keyboard alone."""
    desk.locator("summary", has_text="Revoke").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Keep")).to_be_focused()
    desk.keyboard.press("Shift+Tab")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Revoked by Dana Whitfield")).to_be_visible()


def test_from_a_link_to_its_end(windows: Windows, earshot: Earshot) -> None:
    board = hang(earshot)
    desk = windows.open(f"{board}screens/", viewport={"width": 1440, "height": 900}, color_scheme="light")
    expect(desk.get_by_text("No screens yet")).to_be_visible()
    assert violations(desk) == []
    link = make_link(desk, "Entrance screen")
    expect(desk.get_by_text("Not opened yet")).to_be_visible()
    expect(desk.get_by_text("Never opened")).to_be_hidden()
    assert violations(desk) == []

    wall = windows.open(link, who="", viewport={"width": 1920, "height": 1080}, color_scheme="dark")
    expect(wall.get_by_role("heading", name="Show Front desk here?")).to_be_visible()
    assert violations(wall) == []
    wall.keyboard.press("Enter")  # a remote control: the one button has the focus
    wall.wait_for_url("**/screen/")
    expect(wall.locator("html[data-wall=live]")).to_have_count(1)
    value = wall.locator("[id^=wall-][id$=-waiting] .wall-value").first
    expect(value).to_have_text("1")
    earshot.simulator.call("+16175550189", queue="Returns")
    expect(value).to_have_text("2")
    assert violations(wall) == []
    expect(desk.get_by_text("Live", exact=True).last).to_be_visible()
    expect(desk.get_by_role("heading", name="Screens, 1")).to_be_visible()
    expect(desk.get_by_label("The link", exact=True)).to_have_value(link)

    expect(desk.get_by_label("Where the screen hangs")).to_have_value("")
    revoke(desk, "Entrance screen")
    expect(desk.get_by_label("The link", exact=True)).to_have_count(0)
    expect(desk.locator("main:focus, main :focus")).to_have_count(1)  # not lost with the button
    expect(wall.get_by_role("heading", name="This wallboard was taken away at")).to_be_visible(timeout=5000)
    expect(wall.get_by_text("makes a new link")).to_be_visible()
    assert violations(wall) == []
    again = windows.open(link, who="", viewport={"width": 390, "height": 844})
    expect(again.get_by_role("heading", name="This link was taken away at")).to_be_visible()


def test_on_a_phone_and_in_the_dark(windows: Windows, earshot: Earshot) -> None:
    boards = "select id from wallboards_wallboard"
    (board,) = earshot.rows(boards)[0]
    phone = windows.open(
        f"/wallboards/{board}/screens/", viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    make_link(phone, "Canteen")
    assert violations(phone) == []
    wide = phone.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, f"{wide} px wide"
