"""A call without a conference in a browser: listened to, barged in on, left, and ended by its menu."""

from playwright.sync_api import expect

from tests.support.bridging import set_bridge
from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.supervising import set_phone, who_heard
from tests.support.waiting import eventually


def test_listen_barge_leave_and_end(windows: Windows, earshot: Earshot) -> None:
    set_phone(earshot)
    call = set_bridge(earshot)
    page, theirs = windows.open("/floor/"), windows.open("/floor/", who="colleague")
    row = page.locator(f"#c-{call.key}")
    expect(row).to_contain_text("Priya Nair")
    row.click()
    pane = page.locator("#pane")
    expect(pane.locator("#supervise-whisper")).to_have_attribute("title", "No whisper without a conference.")
    pane.locator("#supervise-listen").click()
    line = pane.locator(".mode-line")
    expect(line).to_have_text("Listening: nobody hears you.")
    leg = call.state_is("connected", "monitor")["leg"]
    expect(theirs.locator(f"#c-{call.key} .by:visible")).to_contain_text("Listening")
    assert who_heard(earshot, leg) == set()

    pane.locator("#supervise-barge").click()
    expect(line).to_have_text("Barging in: everyone hears you.")
    eventually(lambda: who_heard(earshot, leg) == {call.agent, call.caller})
    page.reload()
    expect(page.locator("#own-phone")).to_contain_text("Speaking in Call")
    page.locator("#own-leave").click()
    expect(page.locator("#own-phone")).to_contain_text("Ready")

    row.locator("button.more").click()
    menu = page.locator("#row-menu")
    expect(menu.get_by_role("button", name="Mute everyone")).to_be_hidden()
    menu.locator("summary").click()
    menu.get_by_role("button", name="End for everyone").click()
    expect(row).to_have_count(0)
    expect(theirs.locator(f"#c-{call.key}")).to_have_count(0)
