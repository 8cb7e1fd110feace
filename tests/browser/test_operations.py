"""Every operation on a conference, its people, its recording and its queues, pressed once in a browser."""

import re
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.looks import flaws, look, violations
from tests.support.scene import Scene
from tests.support.waiting import eventually

PRIYA = "+13125550147"


def live(windows: Windows, path: str) -> Page:
    page = windows.open(path)
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    return page


def card(page: Page, opener: str) -> Locator:
    """The card that a button opens."""
    page.get_by_role("button", name=opener, exact=True).first.click()
    opened = page.locator(".pop:popover-open")
    expect(opened).to_be_visible()
    return opened


def sent(earshot: Earshot, about: str, action: str, method: str = "POST") -> list[dict[str, Any]]:
    requests = earshot.simulator.requests(action, method)
    return [request for request in requests if about in unquote(str(request))]


def once(earshot: Earshot, about: str, action: str, method: str = "POST") -> None:
    eventually(lambda: [r["status"] // 100 for r in sent(earshot, about, action, method)] == [2])


def test_audio_speech_and_digits(windows: Windows, scene: Scene, earshot: Earshot) -> None:
    page = live(windows, f"{scene.address}/")
    page.get_by_label("Play audio").fill("hold-notice")
    page.get_by_label("How often").select_option("infinity")
    page.locator("#page-play").click()
    once(earshot, scene.id, "/actions/play")
    expect(page.locator(".sound-panel .mark")).to_contain_text("Playing")
    page.get_by_role("button", name=f"Stop audio {scene.name}").click()
    once(earshot, scene.id, "/actions/stop")
    expect(page.locator(".sound-panel .mark")).to_have_count(0)

    page.get_by_label("Speak text").fill("A specialist joins you in a moment.")
    expect(page.locator("#speak-count")).to_contain_text("35 of 3,000 characters")
    page.locator("#speak-more > summary").click()
    page.locator("#speak-to > summary").click()
    page.locator("#speak-to").get_by_text("+1 617").first.click()
    expect(page.locator("#speak-to summary b")).to_contain_text("+1 617")
    page.locator("#page-speak").click()
    once(earshot, scene.id, "/actions/speak")

    page.locator("#digits-all").fill("12#")
    page.keyboard.press("Enter")
    once(earshot, scene.id, "/actions/send_dtmf")
    expect(page.locator(".deeds")).to_contain_text("sent digits to everyone")
    # They are not sent again by one more Enter, and nobody reads them over a shoulder.
    expect(page.locator("#digits-all")).to_have_value("")


def test_one_person_and_what_telnyx_says_of_them(windows: Windows, scene: Scene, earshot: Earshot) -> None:
    page = live(windows, f"{scene.address}/")
    label = page.locator(".people-table tbody tr th b").first.inner_text()
    digits = card(page, f"Digits of {label}")
    digits.get_by_label("Ask for digits").fill("prompt")
    digits.get_by_label("Most").fill("4")
    digits.get_by_role("button", name=f"Ask {label}").click()
    once(earshot, scene.id, "/actions/gather_using_audio")
    expect(page.locator(".pop:popover-open")).to_have_count(0)

    more = card(page, f"More for {label}")
    expect(more.locator(".at-telnyx")).to_contain_text("The call lives")
    more.get_by_label("the conference ends, nobody is hung up").check()
    more.get_by_role("button", name=f"Save {label}").click()
    once(earshot, scene.id, "/participants/", "PATCH")
    expect(page.locator(".people-table")).to_contain_text("Closes it by leaving")

    more = card(page, f"More for {label}")
    more.get_by_label("Role").select_option("whisper")
    more.get_by_role("group", name="Whispers to").get_by_role("checkbox").first.check()
    more.get_by_role("button", name=f"Change {label}").click()
    once(earshot, scene.id, "/actions/update")
    expect(page.locator(".people-table")).to_contain_text("Whispering")

    other = page.locator(".people-table tbody tr th b").nth(1).inner_text()
    more = card(page, f"More for {other}")
    more.get_by_label("Hold with music").fill("hold-music")
    more.get_by_role("button", name=f"Hold {other}").click()
    once(earshot, scene.id, "/actions/hold")
    more = card(page, f"More for {other}")
    more.get_by_role("button", name=f"Take out {other}").click()
    once(earshot, scene.id, "/actions/leave")
    expect(page.locator("#people-title")).to_have_text("In the conference, 1")


def test_everyone_and_the_recording(windows: Windows, scene: Scene, earshot: Earshot) -> None:
    page = live(windows, f"{scene.address}/")
    for word, action in (("Mute", "mute"), ("Unmute", "unmute"), ("Hold", "hold"), ("Resume", "unhold")):
        page.get_by_role("button", name=f"{word} everyone", exact=True).click()
        once(earshot, scene.id, f"/actions/{action}")
    how = card(page, "How to record")
    how.get_by_label("Format").select_option("wav")
    how.get_by_label("File name").fill("claims")
    how.get_by_role("button", name=f"Record {scene.name}").click()
    once(earshot, scene.id, "/actions/record_start")
    panel = page.locator(".recording-panel")
    state = panel.locator(".mark").first
    expect(state).to_contain_text("Recording")
    panel.get_by_role("button", name="Pause").click()
    expect(state).to_contain_text("Paused")
    panel.get_by_role("button", name="Resume").click()
    expect(state).to_contain_text("Recording")
    panel.get_by_role("button", name="Stop").click()
    expect(state).to_contain_text("Rec off")
    for action in ("record_pause", "record_resume", "record_stop"):
        once(earshot, scene.id, f"/actions/{action}")


def test_callers_are_taken_moved_and_removed(windows: Windows, scene: Scene, earshot: Earshot) -> None:
    queue = "Repairs"
    one, two, three = (earshot.simulator.call(f"+1650555{place:04d}", queue) for place in (2001, 2002, 2003))
    eventually(lambda: len(earshot.rows("select id from queues_queuedcall where left_at is null")) == 3)
    ((pk,),) = earshot.rows("select id from queues_queue where name = ?", queue)
    page = live(windows, f"/queues/{pk}/")

    take = card(page, "Take +1 650 ••• 2001 into a conference")
    expect(take.locator("option", has_text=scene.name)).to_have_count(1)
    take.get_by_label("A live conference").select_option(label=scene.name)
    take.get_by_role("button", name="Take +1 650 ••• 2001").click()
    once(earshot, one, "/actions/join")
    expect(page.locator("#waiting-title")).to_have_text("Waiting callers, 2")

    take = card(page, "Take +1 650 ••• 2002 into a conference")
    take.get_by_label("A new conference").fill("Repairs 1")
    take.get_by_role("button", name="Make +1 650 ••• 2002").click()
    once(earshot, two, "/v2/conferences")
    expect(page.locator("#waiting-title")).to_have_text("Waiting callers, 1")

    more = card(page, "More for +1 650 ••• 2003")
    expect(more.locator(".at-telnyx")).to_contain_text("Place")
    more.get_by_label("Keep the place after hanging up").check()
    more.get_by_role("button", name="Save +1 650 ••• 2003").click()
    once(earshot, three, "/calls/", "PATCH")
    move = card(page, "Move +1 650 ••• 2003 to another queue")
    move.get_by_label("Queue", exact=True).fill("Complaints")
    move.get_by_role("button", name="Move").click()
    once(earshot, three, "/actions/enqueue")
    expect(page.locator("#waiting-title")).to_have_text("Waiting callers, 0")

    page = live(windows, f"{scene.address}/")
    into = card(page, "Take a caller in")
    into.get_by_label("Who waits").select_option(index=1)
    into.get_by_role("button", name=f"Take {scene.name}").click()
    once(earshot, three, "/actions/join")
    expect(page.locator("#people-title")).to_have_text("In the conference, 4")
    to_queue = card(page, "Send +1 650 ••• 2003 to a queue")
    to_queue.get_by_label("Queue", exact=True).fill(queue)
    to_queue.get_by_role("button", name="Send").click()
    expect(page.locator("#people-title")).to_have_text("In the conference, 3")


def test_a_queue_is_made_limited_emptied_and_deleted(windows: Windows, earshot: Earshot) -> None:
    page = live(windows, "/queues/")
    made = card(page, "New queue")
    made.get_by_label("Name").fill("Warranty")
    made.get_by_role("button", name="Make").click()
    once(earshot, "Warranty", "/v2/queues")
    eventually(lambda: earshot.rows("select id from queues_queue where name = 'Warranty'"), within=12)
    ((pk,),) = earshot.rows("select id from queues_queue where name = 'Warranty'")
    caller = earshot.simulator.call("+16505552010", "Warranty")
    page = live(windows, f"/queues/{pk}/")
    page.get_by_label("Most callers waiting").fill("12")
    page.locator("#limit-save").click()
    expect(page.locator("dl.figures")).to_contain_text("room for 12")
    page.get_by_label("Wait target").fill("1:30")
    page.locator("#targets-save").click()
    expect(page.locator("#targets-title + .end")).to_contain_text("Changed by ")
    expect(page.locator("dl.figures")).to_contain_text("within 1:30")
    asked = card(page, "Ask Telnyx")
    expect(asked).to_contain_text("Average wait")
    page.keyboard.press("Escape")

    more = card(page, "More for +1 650 ••• 2010")
    more.get_by_label("Keep the place after hanging up").check()
    more.get_by_role("button", name="Save +1 650 ••• 2010").click()
    once(earshot, caller, "/calls/", "PATCH")
    earshot.simulator.does(caller, "hangup")
    page.get_by_role("button", name="Remove inactive call +1 650 ••• 2010").click()
    expect(page.locator("#waiting-title")).to_have_text("Waiting callers, 0")

    another = earshot.simulator.call("+16505552011", "Warranty")
    more = card(page, "More for +1 650 ••• 2011")
    more.get_by_role("button", name="Take out +1 650 ••• 2011").click()
    once(earshot, another, "/actions/leave_queue")
    expect(page.locator("#waiting-title")).to_have_text("Waiting callers, 0")
    third = earshot.simulator.call("+16505552012", "Warranty")
    expect(page.locator(".waiting-table")).to_contain_text("2012")
    page.locator("summary[aria-label='Remove +1 650 ••• 2012']").click()
    page.get_by_role("button", name="Remove +1 650 ••• 2012", exact=True).click()
    once(earshot, third, "/actions/hangup")
    expect(page.locator("#waiting-title")).to_have_text("Waiting callers, 0")

    page.locator("summary", has_text="Delete").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Delete", exact=True).focus()
    page.keyboard.press("Enter")
    once(earshot, "Warranty", "/queues/", "DELETE")
    expect(page.locator("h1 + .marks")).to_contain_text("Telnyx has no such queue now")
    expect(page.locator("summary", has_text="Delete")).to_have_count(0)
    expect(page.locator("main:focus, main :focus")).to_have_count(1)  # not lost with the button


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_the_next_caller_is_taken_to_an_agent_by_keyboard(
    windows: Windows, earshot: Earshot, theme: str, width: int
) -> None:
    queue, found = f"Warranty {theme}", "select id from queues_queue where name = ?"
    earshot.simulator.phone(PRIYA, "answer", 24)
    earshot.simulator.call(f"+1617555{width:04}", queue=queue)
    eventually(lambda: earshot.rows(found, queue))
    page = windows.open(f"/queues/{earshot.rows(found, queue)[0][0]}/", **look(theme, width))
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    page.get_by_role("button", name="Take the next", exact=True).focus()
    page.keyboard.press("Enter")
    agent = page.locator("#take-next-agent")
    expect(agent.get_by_role("option", name="Priya Nair, free")).to_be_attached()
    assert violations(page) == []
    agent.focus()
    page.keyboard.type("Priya")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    calling = page.get_by_text("Calling Priya Nair")
    expect(calling).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name=re.compile("^Cancel")).focus()
    page.keyboard.press("Enter")
    expect(calling).to_have_count(0)
    # What was pressed is gone: the focus is at the caller, where a second Enter does nothing to them.
    expect(page.get_by_role("button", name=re.compile("calls before$"))).to_be_focused()
    over = "select count(*) from telephony_call where to_number = ? and ended_at is null"
    eventually(lambda: earshot.rows(over, PRIYA) == [(0,)], within=20)
    expect(page.get_by_role("button", name=re.compile("^Take .* into a conference$"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_callers_are_found_by_number_and_new_ones_do_not_disturb(windows: Windows, earshot: Earshot) -> None:
    queue, found = "Renewals", "select id from queues_queue where name = ?"
    for number in ("+16175550188", "+12075550111"):
        earshot.simulator.call(number, queue=queue)
    eventually(lambda: earshot.rows(found, queue))
    page = live(windows, f"/queues/{earshot.rows(found, queue)[0][0]}/")
    callers, count = page.locator("[data-caller]:visible"), page.locator("[data-callers-found]")
    expect(callers).to_have_count(2)
    chosen, told = page.get_by_role("form", name="Selected callers"), page.locator("#callers-selected")
    expect(chosen).to_be_hidden()
    page.get_by_label("Select +1 207 ••• 0111").focus()
    page.keyboard.press("Space")
    expect(chosen).to_contain_text("1 selected")
    expect(told).to_have_text("1 selected, to move or remove below the callers")
    assert flaws(page) == []

    page.keyboard.press("/")
    page.keyboard.type("+1 (617) 01")
    expect(callers).to_have_count(1)
    expect(callers).to_contain_text("+1 617 ••• 0188")
    expect(count).to_have_text("1 of 2 shown")
    assert page.locator("[name=call]:enabled").count() == 1  # who is hidden is not moved with the others
    expect(chosen).to_be_hidden()
    expect(told).to_be_empty()
    earshot.simulator.call("+19785550104", queue=queue)
    expect(count).to_have_text("1 of 3 shown")
    expect(callers).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_be_focused()
    earshot.simulator.call("+16175550129", queue=queue)
    expect(count).to_have_text("2 of 4 shown")
    page.reload()
    expect(count).to_have_text("2 of 4 shown")

    page.get_by_role("searchbox").fill("5550188")  # the dots hide 555, so nobody finds it
    expect(page.get_by_text("No caller matches “5550188”")).to_be_visible()
    expect(page.get_by_text("4 are waiting.")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(callers).to_have_count(4)
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).not_to_be_focused()

    page.get_by_label("Select +1 207 ••• 0111").check()
    page.get_by_label("Select +1 978 ••• 0104").check()
    expect(chosen).to_contain_text("2 selected")
    chosen.get_by_label("Queue for the selected callers").fill("Cancellations")
    page.keyboard.press("Enter")
    expect(callers).to_have_count(2)
    expect(chosen).to_be_hidden()
    expect(page.get_by_role("searchbox")).to_be_focused()
