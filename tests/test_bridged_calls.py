"""Calls of two legs without a conference: on the floor, ended, listened to, and who really heard it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from tests.support.bridging import Bridge, bridge, floor, set_bridge
from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.people import SELLING_AGENT
from tests.support.pressing import press
from tests.support.scene import FLOOR, set_scene
from tests.support.supervising import (
    AGENT,
    PHONES,
    leave,
    let_go,
    set_phone,
    state_is,
    supervise,
    who_heard,
)
from tests.support.waiting import eventually


@pytest.fixture
def call(earshot: Earshot) -> Bridge:
    return set_bridge(earshot)


@pytest.fixture(autouse=True)
def supervising_nothing(earshot: Earshot) -> Iterator[None]:
    set_phone(earshot)
    yield
    earshot.simulator.no_faults()
    let_go(earshot)


def up(earshot: Earshot) -> list[str]:
    """The calls to supervisors' phones that are up or ringing at Telnyx."""
    return earshot.simulator.marked()


# --- on the floor ----------------------------------------------------------------------------------------
def test_what_is_shown_is_the_truth(call: Bridge, earshot: Earshot) -> None:
    told = {frozenset(leg["call_control_id"] for leg in one["legs"]) for one in floor(earshot)}
    true = earshot.simulator.truth()["bridged_calls"]
    assert told == {frozenset(leg["call_control_id"] for leg in one["legs"]) for one in true}
    page = earshot.get(FLOOR).text
    assert f'id="c-{call.key}"' in page
    assert "Priya Nair" in page


async def test_a_bridged_call_comes_and_goes_as_reloaded(earshot: Earshot) -> None:
    session, made = earshot.sessions["colleague"], []

    def comes() -> None:
        made.append(set_bridge(earshot))

    def goes() -> None:
        earshot.simulator.does(made[0].caller, "hangup")
        eventually(lambda: not made[0].shown(), within=8)

    await live_equals_reload(
        earshot.site, session, FLOOR, comes, until=lambda html: bool(made) and made[0].key in html
    )
    await live_equals_reload(earshot.site, session, made[0].address, goes)
    assert "has ended" in earshot.get(made[0].address).text


async def test_end_hangs_both_up(call: Bridge, earshot: Earshot) -> None:
    def end() -> None:
        assert press(earshot, f"{call.address}end", seen="2").status_code == 204
        eventually(lambda: not call.shown(), within=8)

    await live_equals_reload(earshot.site, earshot.sessions["colleague"], FLOOR, end)
    said = "select state, target from dashboard_command where subject = ?"
    eventually(lambda: earshot.rows(said, f"bridged:{call.pk}") == [("done", "everyone")])
    assert press(earshot, f"{call.address}end").json()["title"].endswith("has ended.")


def test_who_may_not_see_the_floor_sees_no_call(call: Bridge, earshot: Earshot) -> None:
    assert earshot.get("/api/floor", "agent").json()["bridged_calls"] == []
    assert earshot.get(call.address, "agent").status_code == 403
    assert press(earshot, f"{call.address}end", "agent").status_code == 403


def test_a_leg_that_joins_a_conference_leaves_the_call(call: Bridge, earshot: Earshot) -> None:
    scene = set_scene(earshot)
    earshot.simulator.command(f"/conferences/{scene.id}/actions/join", {"call_control_id": call.caller})
    eventually(lambda: not call.shown(), within=8)
    assert "went into a conference" in earshot.get(call.address).text


def test_another_teams_call_is_neither_seen_nor_heard(call: Bridge, earshot: Earshot) -> None:
    set_phone(earshot, "seller")
    assert call.pk not in [one["id"] for one in earshot.get("/api/floor", "seller").json()["bridged_calls"]]
    assert earshot.get(call.address, "seller").status_code == 404
    assert call.supervise("listen", "seller", status=404) == "There is no such call."
    assert f'id="c-{call.key}"' not in earshot.get(FLOOR, "seller").text
    own = set_bridge(earshot, SELLING_AGENT)
    assert f'id="c-{own.key}"' in earshot.get(FLOOR, "seller").text
    own.supervise("listen", "seller")
    own.state_is("connected")
    let_go(earshot, "seller")


# --- listen and barge --------------------------------------------------------------------------------------
def test_listen_names_its_role_and_nobody_ever_hears_it(call: Bridge, earshot: Earshot) -> None:
    call.supervise("listen")
    connected = call.state_is("connected", "monitor")
    (dial,) = call.dials()
    assert (dial["supervise_call_control_id"], dial["supervisor_role"]) == (call.agent, "monitor")
    assert (dial["to"], dial["timeout_secs"]) == (PHONES["supervisor"], 25)
    assert "conference_config" not in dial
    assert call.words() == "Listening: nobody hears you."
    eventually(lambda: [one["supervisor_role"] for one in call.shown()["supervisors"]] == ["monitor"])
    leave(earshot)
    call.state_is("ended", reason="left")
    assert who_heard(earshot, connected["leg"]) == set()
    assert len(call.shown()["legs"]) == 2
    ((agent,),) = earshot.rows("select id from dashboard_agent where number = ?", AGENT)
    assert "pressed Listen" in earshot.get(f"/agents/{agent}/pane").text.partition(">Latest<")[2]


def test_barge_and_back_without_another_call(call: Bridge, earshot: Earshot) -> None:
    call.supervise("listen")
    leg = call.state_is("connected", "monitor")["leg"]
    call.supervise("barge")
    call.state_is("connected", "barge")
    assert call.words() == "Barging in: everyone hears you."
    assert who_heard(earshot, leg) == {call.agent, call.caller}
    call.supervise("listen")
    call.state_is("connected", "monitor")
    assert len(call.dials()) == 1
    switches = earshot.simulator.requests("switch_supervisor_role")
    assert [one["body"] for one in switches if leg.partition(":")[2] in one["path"]] == [
        {"role": "barge"},
        {"role": "monitor"},
    ]


def test_there_is_no_whisper(call: Bridge) -> None:
    assert call.supervise("whisper", status=409) == "No whisper without a conference."
    assert not call.dials()


def test_a_double_press_and_two_tabs_are_one_call(call: Bridge) -> None:
    with ThreadPoolExecutor() as tabs:
        pressed = [tabs.submit(call.supervise, "listen") for _ in range(4)]
        assert [one.result() for one in pressed] == [""] * 4
    call.state_is("connected")
    assert (len(call.dials()), len(call.records())) == (1, 1)


@pytest.mark.parametrize("fault", ["cut_after", 503])
def test_a_lost_answer_to_the_dial_is_one_call(call: Bridge, earshot: Earshot, fault: str | int) -> None:
    earshot.simulator.fault("/v2/calls", fault)
    call.supervise("listen")
    leg = call.state_is("connected", "monitor")["leg"]
    assert up(earshot) == [leg]
    assert who_heard(earshot, leg) == set()


def test_a_lost_answer_to_a_change_shows_the_widest_audience(call: Bridge, earshot: Earshot) -> None:
    call.supervise("listen")
    leg = call.state_is("connected")["leg"]
    earshot.simulator.fault("switch_supervisor_role", "cut_after")
    call.supervise("barge")
    eventually(lambda: call.words().startswith("Barging in: everyone hears you."))
    call.state_is("connected", "barge")
    assert who_heard(earshot, leg) == {call.agent, call.caller}


def test_the_call_ends_meanwhile(call: Bridge, earshot: Earshot) -> None:
    call.supervise("listen")
    call.state_is("connected")
    earshot.simulator.does(call.caller, "hangup")
    call.state_is("ended", reason="call ended")
    eventually(lambda: not up(earshot), within=10)


def test_the_call_ends_first(call: Bridge, earshot: Earshot) -> None:
    set_phone(earshot, after=20)
    call.supervise("listen")
    call.state_is("calling")
    earshot.simulator.does(call.caller, "hangup")
    assert call.state_is("failed")["reason"] == "call ended"
    assert call.words() == "The call ended first."
    eventually(lambda: not up(earshot), within=10)


def test_a_leg_whose_call_went_into_a_conference_does_not_go_along(call: Bridge, earshot: Earshot) -> None:
    call.supervise("barge")
    leg = call.state_is("connected")["leg"]
    scene = set_scene(earshot)
    earshot.simulator.command(f"/conferences/{scene.id}/actions/join", {"call_control_id": call.agent})
    call.state_is("ended", reason="call ended")
    eventually(lambda: leg not in up(earshot), within=10)
    assert not who_heard(earshot, leg) & {scene.agent, scene.caller}


def test_from_a_conference_to_a_call_and_back_the_phone_is_called_anew(
    call: Bridge, earshot: Earshot
) -> None:
    scene = set_scene(earshot, AGENT)
    supervise(scene, "barge")
    first = state_is(scene, "connected")["leg"]
    page = earshot.get(call.address).text
    assert f"You leave {scene.name} and your phone is called anew" in page
    call.supervise("listen")
    second = call.state_is("connected", "monitor")["leg"]
    state_is(scene, "ended", reason="left")
    assert up(earshot) == [second] != [first]
    assert who_heard(earshot, second) == set()
    supervise(scene, "listen")
    third = state_is(scene, "connected", "monitor")["leg"]
    assert up(earshot) == [third]
    call.state_is("ended", reason="left")


def test_a_busy_phone(call: Bridge, earshot: Earshot) -> None:
    set_phone(earshot, behaviour="busy", after=0.3)
    call.supervise("listen")
    call.state_is("failed")
    assert call.words() == "Your phone is busy."
    assert "Nobody was told." in earshot.get(call.address).text


def test_without_a_phone(call: Bridge) -> None:
    assert call.supervise("listen", who="admin", status=409) == "Set your phone first."
    assert call.words("admin") == "Set your phone first."


@pytest.mark.parametrize("page", ["floor", "call"])
async def test_a_colleague_sees_who_listens(call: Bridge, page: str) -> None:
    def listen() -> None:
        call.supervise("listen")
        call.state_is("connected")

    earshot = call.earshot
    path = FLOOR if page == "floor" else call.address
    await live_equals_reload(earshot.site, earshot.sessions["colleague"], path, listen)
    assert "Dana Whitfield" in earshot.get(FLOOR, "colleague").text


def test_its_page_leads_to_who_listened(call: Bridge, earshot: Earshot) -> None:
    call.supervise("listen")
    record = call.state_is("connected")["id"]
    leave(earshot)
    address = f"/activity/?call={call.key}&amp;days=all"
    assert f'href="{address}"' in earshot.get(call.address).text
    listened = f'id="sup-{UUID(record)}"'
    assert listened in earshot.get(f"/activity/?call={call.key}&days=all").text
    assert listened not in earshot.get("/activity/?call=b-0&days=all").text
    pressed = earshot.get(f"/activity/?view=commands&call={call.key}&days=all").text
    assert "Clear filters" not in pressed
    assert "Clear filters" in earshot.get("/activity/?view=commands&call=b-0&days=all").text


async def test_the_supervisors_own_parts_are_pushed_as_reloaded(call: Bridge) -> None:
    def listen() -> None:
        call.supervise("listen")
        call.state_is("connected")

    earshot = call.earshot
    await live_equals_reload(
        earshot.site,
        earshot.sessions["supervisor"],
        call.address,
        listen,
        until=lambda html: "Listening: nobody hears you." in html,
    )


def test_transferred_to_somebody_else_it_is_another_call(call: Bridge, earshot: Earshot) -> None:
    third = earshot.simulator.answered_call("+16175554999")
    bridge(earshot, third, call.caller)
    eventually(lambda: not call.shown(), within=8)

    def pairs() -> list[set[str]]:
        return [{leg["call_control_id"] for leg in one["legs"]} for one in floor(earshot)]

    eventually(lambda: {third, call.caller} in pairs(), within=8)
