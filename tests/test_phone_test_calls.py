"""A test call to one's own phone: called, answered, told in words, hung up again; in no conference."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest

from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.pressing import press
from tests.support.scene import set_scene
from tests.support.supervising import (
    AGENT,
    PHONES,
    ROLE_TAKEN,
    changed,
    leave,
    let_go,
    number_of,
    set_phone,
    state_is,
    supervise,
    who_heard,
)
from tests.support.waiting import eventually

GOES_ON = {"requested", "calling", "answered"}


@pytest.fixture(autouse=True)
def nothing_goes_on(earshot: Earshot) -> Iterator[None]:
    set_phone(earshot)
    earshot.simulator.forget_requests()
    yield
    earshot.simulator.no_faults()
    let_go(earshot)
    if newest(earshot)[0] in GOES_ON:
        leave(earshot)
    eventually(lambda: not earshot.simulator.marked(), within=12)
    eventually(lambda: newest(earshot)[0] not in GOES_ON, within=12)


def call(earshot: Earshot, who: str = "supervisor", of: str = "supervisor") -> Any:
    """Presses Test call beside the phone of `of`."""
    ((pk,),) = earshot.rows("select id from supervision_phone where user_id = ?", number_of(earshot, of))
    return press(earshot, f"/phone/{pk}/test", who)


def newest(earshot: Earshot) -> tuple[str, str, str]:
    """State, reason and leg of the newest test call."""
    rows = earshot.rows(
        "select state, reason, leg from supervision_phonetest where user_id = ? order by requested_at",
        number_of(earshot, "supervisor"),
    )
    return rows[-1] if rows else ("", "", "")


def state_becomes(earshot: Earshot, state: str) -> str:
    """Waits for the newest test call; its leg."""
    eventually(lambda: newest(earshot)[0] == state, within=12)
    return newest(earshot)[2]


def said(earshot: Earshot) -> str:
    page = unescape(earshot.get("/phone/").text).partition('class="trial-line"')[2]
    return page.partition("<b>")[2].partition("<")[0]


def dials(earshot: Earshot) -> list[dict[str, Any]]:
    return [one["body"] for one in earshot.simulator.requests("/v2/calls") if one["path"].endswith("/calls")]


def logged(earshot: Earshot) -> list[tuple[Any, ...]]:
    return earshot.rows(
        "select user_name, action, state, target from dashboard_command where family = 'phone test' "
        "order by created_at desc"
    )


def test_it_calls_and_hangs_up_by_itself(earshot: Earshot) -> None:
    assert call(earshot).status_code == 204
    leg = state_becomes(earshot, "answered")
    assert said(earshot) == "Your phone works."
    assert earshot.simulator.marked() == [leg]
    state_becomes(earshot, "worked")
    assert said(earshot) == "Your phone works."
    assert not earshot.simulator.marked()
    (dial,) = dials(earshot)
    assert (dial["to"], dial["timeout_secs"], dial["time_limit_secs"]) == (PHONES["supervisor"], 25, 30)
    assert dial.get("conference_config") is None
    assert who_heard(earshot, leg) == set()
    ended, pressed = logged(earshot)[:2]
    assert pressed == ("Dana Whitfield", "test-call", "done", "+1 312 ••• 9001")
    assert ended == ("Earshot", "end-test", "done", "+1 312 ••• 9001")


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        ("busy", "Your phone is busy."),
        ("no_answer", "You did not answer within 25 s."),
        ("reject", "Your phone rejected the call."),
        ("not_found", "Your phone’s number cannot be reached."),
    ],
)
def test_what_keeps_it_from_being_answered_is_said(earshot: Earshot, behaviour: str, sentence: str) -> None:
    set_phone(earshot, behaviour=behaviour)
    call(earshot)
    state_becomes(earshot, "failed")
    assert said(earshot) == sentence
    assert logged(earshot)[0][:3] == ("Dana Whitfield", "test-call", "failed")


def test_what_telnyx_refuses_is_said(earshot: Earshot) -> None:
    earshot.simulator.fault("/v2/calls", 401)
    call(earshot)
    state_becomes(earshot, "failed")
    assert said(earshot) == "Telnyx refused: Telnyx does not accept the API key (401)."


def test_cancelled_while_it_is_called(earshot: Earshot) -> None:
    set_phone(earshot, after=20)
    call(earshot)
    state_becomes(earshot, "calling")
    assert said(earshot) == "Answer +1 312 555 9001."
    cell = earshot.get("/queues/").text.partition('id="own-phone"')[2].partition("</div>")[0]
    assert (">Calling<" in cell, "Cancel" in cell) == (True, True)
    leave(earshot)
    state_becomes(earshot, "cancelled")
    eventually(lambda: not earshot.simulator.marked())
    assert said(earshot) == "You cancelled the test call."


@pytest.mark.parametrize("fault", ["", "cut_after", "broken_json", 503])
def test_however_it_is_pressed_and_answered_it_is_one_call(earshot: Earshot, fault: str | int) -> None:
    if fault:
        earshot.simulator.fault("/v2/calls", fault)
    with ThreadPoolExecutor() as tabs:
        answers = list(tabs.map(lambda _: call(earshot).text, range(4)))
    assert set(answers) == {""}
    leg = state_becomes(earshot, "answered")
    assert earshot.simulator.marked() == [leg]
    assert len({dial["command_id"] for dial in dials(earshot)}) == 1


def test_not_while_in_a_conference_and_no_conference_meanwhile(earshot: Earshot) -> None:
    scene = set_scene(earshot, AGENT)
    supervise(scene, "listen")
    state_is(scene, "connected")
    refused = call(earshot)
    assert (refused.status_code, refused.json()["title"]) == (409, f"Your phone is in use for {scene.name}.")
    let_go(earshot)
    set_phone(earshot, after=20)
    call(earshot)
    state_becomes(earshot, "calling")
    assert supervise(scene, "listen", status=409) == "Your phone is being tested."


def test_a_killed_server_goes_on_with_it(earshot: Earshot) -> None:
    earshot.simulator.fault("/v2/calls", "cut_after")
    set_phone(earshot, after=4)
    call(earshot)
    earshot.restart(kill=True)
    state_becomes(earshot, "worked")
    eventually(lambda: not earshot.simulator.marked(), within=10)


def test_who_lost_the_right_is_hung_up(earshot: Earshot) -> None:
    set_phone(earshot, after=20)
    call(earshot)
    leg = state_becomes(earshot, "calling")
    with changed(earshot, *ROLE_TAKEN, number_of(earshot, "supervisor")):
        eventually(lambda: leg not in earshot.simulator.marked(), within=5)
    # The hang-up's webhook may come before the reply that says why Earshot hung up.
    eventually(lambda: said(earshot) == "You may not listen in any more.")
    assert newest(earshot)[0] == "failed"


def test_of_nobody_elses_phone_and_by_no_agent(earshot: Earshot) -> None:
    set_phone(earshot, "colleague")
    assert call(earshot, of="colleague").status_code == 404
    assert call(earshot, "agent").status_code == 403
    assert not dials(earshot)


async def test_the_page_is_pushed_as_reloaded(earshot: Earshot) -> None:
    def act() -> None:
        call(earshot)
        state_becomes(earshot, "worked")

    session = earshot.sessions["supervisor"]
    await live_equals_reload(
        earshot.site, session, "/phone/", act, until=lambda html: "Your phone works." in html, within=8
    )


async def test_several_phones_of_which_one_is_in_use(earshot: Earshot) -> None:
    set_phone(earshot)
    assert press(earshot, "/phone/", address="sip:dana@sip.telnyx.com").status_code == 302
    page = earshot.get("/phone/").text.partition('class="phones"')[2]
    assert page.index("+1 312 555 9001") < page.index("sip:dana@sip.telnyx.com") < page.index("In use")
    rows = earshot.rows(
        "select id from supervision_phone where user_id = ? order by id", number_of(earshot, "supervisor")
    )
    first, second = (pk for (pk,) in rows)

    def act() -> None:
        assert press(earshot, f"/phone/{first}/choose").status_code == 204
        assert press(earshot, f"/phone/{second}/forget").status_code == 204

    session = earshot.sessions["supervisor"]
    shown = await live_equals_reload(earshot.site, session, "/phone/", act, within=8)
    assert not any("sip:dana" in line for line in shown.lines())
    assert any("In use" in line for line in shown.lines())
