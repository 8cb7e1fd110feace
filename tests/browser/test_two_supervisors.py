"""What one supervisor does, another sees: a caller arrives, is muted, held; two requests, two log entries."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.people import PASSWORD
from tests.support.waiting import eventually

NAME, CALLER, AGENT = "Claims 3307", "+13035550164", "+13125550147"


def sign_in(windows: Windows) -> Page:
    page = windows.open("/", who="")
    page.get_by_label("Email").fill("supervisor@earshot.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/floor/$"))
    return page


def row(page: Page) -> Locator:
    return page.locator("tbody[data-list=conferences] tr", has_text=NAME)


def test_a_caller_arrives_is_muted_and_held_before_two_pairs_of_eyes(
    windows: Windows, earshot: Earshot
) -> None:
    first, second = sign_in(windows), windows.open("/floor/", who="colleague")
    for page in (first, second):
        expect(page.locator("html")).to_have_attribute("data-connection", "live")

    waiting = earshot.simulator.call(CALLER, queue="Claims")
    cell = first.locator("[data-list=queues] > *", has_text="Claims")
    expect(cell.locator(".cell-count")).to_contain_text("1")

    _, (caller, _) = earshot.simulator.conference(NAME, "+16175550188", AGENT)
    for page in (first, second):
        expect(row(page)).to_contain_text("Priya Nair")
        expect(row(page)).to_contain_text("+1 617 ••• 0188")

    row(first).click()
    pane = first.locator("#pane")
    pane.get_by_role("button", name="Mute +1 617 ••• 0188").click()
    expect(row(second)).to_contain_text("1 muted")
    pane.get_by_role("button", name="Hold +1 617 ••• 0188").click()
    expect(row(second)).to_contain_text("Hold")
    expect(pane.get_by_role("button", name="Resume +1 617 ••• 0188")).to_be_visible()

    for action in ("mute", "hold"):
        (request,) = earshot.simulator.requests(f"/actions/{action}")
        assert request["body"] == {"call_control_ids": [caller]}
    log = earshot.rows(
        "select user_name, action, target, created_at from dashboard_command order by created_at"
    )
    assert [entry[:3] for entry in log] == [
        ("Dana Whitfield", "mute", "+1 617 ••• 0188"),
        ("Dana Whitfield", "hold", "+1 617 ••• 0188"),
    ]
    assert all(entry[3] for entry in log)

    earshot.simulator.does(waiting, "hangup")
    expect(cell.locator(".cell-count")).to_contain_text("0")


def test_ending_asks_once_more_and_keeps_when_told_to(windows: Windows, earshot: Earshot) -> None:
    conference_id, _ = earshot.simulator.conference("Sales 4412", "+16175550199", "+13125550188")
    page = windows.open("/floor/")
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    target = page.locator("tbody[data-list=conferences] tr", has_text="Sales 4412")
    target.click()
    pane = page.locator("#pane")
    pane.locator("summary", has_text="End conference").click()
    keep = pane.get_by_role("button", name="Keep")
    expect(keep).to_be_focused()
    page.keyboard.press("Escape")
    expect(pane.get_by_text("for both people?")).to_be_hidden()
    assert earshot.simulator.requests(f"{conference_id}/actions/end") == []

    pane.locator("summary", has_text="End conference").click()
    expect(pane.get_by_text("End Sales 4412 for both people?")).to_be_visible()
    pane.get_by_role("button", name="End for everyone").click()
    expect(target).to_have_count(0)
    assert len(earshot.simulator.requests(f"{conference_id}/actions/end")) == 1
    eventually(
        lambda: earshot.rows("select state from dashboard_command where action = 'end'") == [("done",)]
    )
