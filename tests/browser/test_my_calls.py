"""The agent's own page beside a supervisor's: calls, buttons and keys, a raised hand from both sides."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.looks import flaws, look, violations
from tests.support.scene import Scene, set_scene
from tests.support.supervising import AGENT, leave, set_phone, state_is, supervise
from tests.support.waiting import eventually


@pytest.fixture
def scene(earshot: Earshot) -> Scene:
    """A call of the cast's agent, the only one that they are in."""
    for (leg,) in earshot.rows(
        "select call_control_id from telephony_call where from_number = ? and ended_at is null", AGENT
    ):
        earshot.simulator.does(leg, "hangup")
    return set_scene(earshot, AGENT)


def live(page: Page) -> Page:
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    return page


def my_calls(windows: Windows, scene: Scene, **look: Any) -> Page:
    page = live(windows.open("/", who="agent", **look))
    expect(page).to_have_url(re.compile("/my-calls/$"))
    expect(page.locator(".my-call")).to_contain_text(scene.name)
    return page


def row(page: Page, scene: Scene) -> Locator:
    return page.locator("tbody[data-list=conferences] tr", has_text=scene.name)


def drawn(hand: Locator, level: str) -> str:
    """Which drawing stands for the hand at a level, read at once: the next second sets the level as it is."""
    script = """(hand, level) => {
      const timed = hand.querySelector("[data-timed]");
      timed.dataset.level = level;
      const seen = [...timed.querySelectorAll(".hand-sign use")].filter((one) => one.checkVisibility());
      return seen.map((one) => one.getAttribute("href").split("#")[1]).join();
    }"""
    return str(hand.evaluate(script, level))


def test_a_hand_goes_up_is_seen_answered_and_lowered(windows: Windows, scene: Scene) -> None:
    mine, theirs = my_calls(windows, scene), live(windows.open("/floor/"))
    expect(row(theirs, scene).locator('[data-kind="hand"]')).to_have_count(0)
    mine.get_by_label("The caller is abusive").check()
    mine.get_by_label("In a few words").fill("Shouts, and wants my name.")
    mine.locator(".my-number").click()
    mine.keyboard.press("a")
    mine.keyboard.press("a")
    hand = mine.locator(".my-hand")
    expect(hand.locator(".hand-title")).to_contain_text(
        re.compile(r"Hand raised 0:\d\d.*: The caller is abusive")
    )
    expect(hand).to_contain_text("“Shouts, and wants my name.”")
    expect(hand).to_contain_text(re.compile(r"Sent to \d supervisors"))
    assert [drawn(hand, level) for level in ("amber", "red")] == ["hand", "hand-filled"]

    # The row needs attention at once, with a shape and words.
    mark = row(theirs, scene).locator('[data-kind="hand"]')
    expect(mark).to_contain_text(re.compile(r"Hand raised 0:\d\d"))
    expect(row(theirs, scene)).to_have_attribute("data-level", "amber")
    theirs.get_by_role("button", name=re.compile("^Needs attention")).click()
    expect(row(theirs, scene)).to_be_visible()

    row(theirs, scene).click()
    band = theirs.locator("#pane .hand-band")
    expect(band).to_contain_text("Priya Nair: The caller is abusive")
    expect(band).to_contain_text(re.compile(r"Seen by you \d+ s ago"))
    expect(hand).to_contain_text("Seen by Dana Whitfield")
    colleague = live(windows.open(f"{scene.address}/", who="colleague"))
    expect(colleague.locator(".hand-band")).to_contain_text("Seen by Dana Whitfield")

    colleague.get_by_role("button", name="I am coming").click()
    expect(hand).to_contain_text("Luis Ortega is coming")
    expect(band).to_contain_text("Luis Ortega is coming")
    expect(colleague.locator(".hand-band")).to_contain_text("You are coming")

    hand.get_by_role("button", name="Lower hand").click()
    expect(hand.get_by_role("button", name="Raise hand")).to_be_visible()
    expect(band).to_have_count(0)
    expect(mark).to_have_count(0)


def test_a_raised_hand_is_a_tick_on_the_day_of_its_agent(windows: Windows, scene: Scene) -> None:
    mine, theirs = my_calls(windows, scene), live(windows.open("/agents/", **look("light", 1440)))
    theirs.locator("[data-list=agents] > tr", has_text=scene.name).click()
    strip = theirs.locator("#agent-pane .day-strip")
    ticks = strip.locator(".hand-tick")
    expect(strip).to_be_visible()
    before = ticks.count()
    mine.get_by_label("The caller asks for a supervisor").check()
    mine.get_by_role("button", name="Raise hand").click()
    expect(ticks).to_have_count(before + 1)
    expect(strip).to_have_role("img")
    expect(strip).to_have_accessible_name(re.compile(rf": \d+ calls?, {before + 1} raised hands?\."))

    # It stands over the bar of the call in which it was raised, higher than the bar, at its end so far.
    tick, bar = ticks.last.bounding_box(), strip.locator(".now:visible").last.bounding_box()
    assert tick and bar
    assert tick["y"] < bar["y"] and tick["height"] > bar["height"]
    assert bar["x"] - 2 <= tick["x"] <= bar["x"] + bar["width"] + 2
    assert flaws(theirs) == []
    theirs.set_viewport_size({"width": 1440, "height": 900})
    theirs.get_by_text("As a table").click()
    table = theirs.get_by_role("region", name="Today as a table")
    expect(table.get_by_role("row", name=re.compile("Raised a hand: The caller asks"))).to_have_count(1)

    mine.locator(".my-hand").get_by_role("button", name="Lower hand").click()
    expect(theirs.locator("#agent-pane .hand-band")).to_have_count(0)
    expect(ticks).to_have_count(before + 1)


def test_a_hand_is_down_with_the_end_of_the_call(windows: Windows, earshot: Earshot, scene: Scene) -> None:
    mine, theirs = my_calls(windows, scene), live(windows.open(f"{scene.address}/"))
    mine.get_by_role("button", name="Raise hand").click()
    expect(theirs.locator(".hand-band")).to_contain_text("I need help")
    # Over the agents it stands as well, and a key on the agent's row answers it.
    agents = live(windows.open("/agents/"))
    over = agents.locator(".hand-row")
    expect(over).to_contain_text("I need help")
    agents.locator("[data-list=agents] > tr[data-hand]").focus()
    agents.keyboard.press("c")
    expect(over).to_contain_text("You are coming")
    expect(mine.locator(".my-hand")).to_contain_text("Dana Whitfield is coming")
    assert violations(agents) == []
    earshot.simulator.does(scene.agent, "hangup")
    expect(over).to_have_count(0)
    expect(theirs.locator(".hand-band")).to_have_count(0)
    expect(mine.locator(".my-hand")).to_have_count(0)
    expect(mine.locator(".my-state")).to_contain_text(re.compile(r"You are free since \d\d:\d\d:\d\d\."))


def test_buttons_and_keys_of_the_own_call(windows: Windows, earshot: Earshot, scene: Scene) -> None:
    page = my_calls(windows, scene)
    earshot.simulator.forget_requests()
    page.keyboard.press("m")
    page.keyboard.press("m")
    expect(page.locator(".my-call")).to_contain_text("You are muted")
    page.keyboard.press("h")
    expect(page.get_by_role("button", name="Resume caller")).to_be_visible()
    assert len(earshot.simulator.requests("/actions/mute")) == 1
    expect(page.get_by_role("button", name="Pause recording")).to_have_attribute(
        "title", "Nothing is recorded."
    )
    page.locator(".my-call .ask > summary").click()
    expect(page.get_by_role("button", name="Stay")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Stay")).to_be_hidden()
    page.locator(".my-call .ask > summary").click()
    page.get_by_role("button", name="Leave", exact=True).click()
    expect(page.locator(".my-state")).to_contain_text("You are free since")
    eventually(lambda: not scene.state(scene.agent) and scene.state(scene.caller))


def test_the_sign_follows_the_supervisor(windows: Windows, earshot: Earshot, scene: Scene) -> None:
    set_phone(earshot)
    page = my_calls(windows, scene)
    supervise(scene, "listen")
    sign = page.locator(".sign")
    expect(sign.locator(".sign-title")).to_have_text(re.compile(r"^Supervised, 0:\d\d"))
    expect(page.locator(".my-page, body")).not_to_contain_text("Dana Whitfield")
    supervise(scene, "whisper")
    expect(sign).to_contain_text("Dana Whitfield whispers")
    expect(sign).to_contain_text("Only you hear it.")
    expect(sign).to_have_attribute("data-tone", "whisper")
    supervise(scene, "barge")
    expect(sign).to_contain_text("Everyone hears Dana Whitfield.")
    leave(earshot)
    expect(sign).to_have_count(0)
    state_is(scene, "ended")


def test_the_page_is_accessible(windows: Windows, earshot: Earshot, scene: Scene) -> None:
    set_phone(earshot)
    supervise(scene, "barge")
    page = my_calls(windows, scene, **look("light", 1440))
    expect(page.locator(".sign")).to_contain_text("has barged in")
    assert flaws(page) == []
    page.get_by_role("button", name="Raise hand").click()
    expect(page.locator(".my-hand.raised")).to_be_visible()
    assert flaws(page) == []
    theirs = live(windows.open(f"{scene.address}/", **look("light", 1440)))
    expect(theirs.locator(".hand-band")).to_be_visible()
    assert flaws(theirs) == []
    earshot.simulator.does(scene.agent, "hangup")
    expect(page.locator(".my-state")).to_contain_text("You are free since")
    assert flaws(page) == []
    leave(earshot)
    state_is(scene, "ended")
