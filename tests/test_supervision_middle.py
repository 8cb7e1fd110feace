"""What happens in the middle of a supervision: each ends as it must, and says so in a sentence."""

import asyncio
import json
from collections.abc import Iterator
from html import unescape
from uuid import UUID

import pytest

from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.pressing import press
from tests.support.scene import Scene, set_scene
from tests.support.sites import Closed
from tests.support.supervising import (
    AGENT,
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

DEACTIVATED = (
    "UPDATE dashboard_user SET is_active = 0 WHERE id = ?",
    "UPDATE dashboard_user SET is_active = 1 WHERE id = ?",
)


@pytest.fixture
def scene(earshot: Earshot) -> Scene:
    return set_scene(earshot, AGENT)


@pytest.fixture(autouse=True)
def in_no_conference(earshot: Earshot) -> Iterator[None]:
    set_phone(earshot)
    yield
    earshot.simulator.no_faults()
    let_go(earshot, "supervisor", "colleague")


def listening(scene: Scene, who: str = "supervisor", mode: str = "listen") -> str:
    """The leg of somebody who is in the conference."""
    supervise(scene, mode, who)
    return str(state_is(scene, "connected")["leg"])


def part(scene: Scene, id_: str, path: str = "", who: str = "supervisor") -> str:
    """The text of one fragment of the conference's page, or of another."""
    page = unescape(scene.earshot.get(path or f"{scene.address}/", who).text)
    return page.partition(f'id="{id_}')[2]


def line(scene: Scene, who: str = "supervisor") -> str:
    page = part(scene, "supervise-", who=who)
    return page.partition('class="mode-line"')[2].partition(">")[2].partition("<")[0]


def notice(scene: Scene, path: str = "/floor/") -> tuple[str, str]:
    """Title and text of what the own-phone cell has to tell, on any page."""
    cell = part(scene, "own-phone", path).partition("data-refusal=")[2].partition(">")[0]
    title, _, rest = cell.partition('data-title="')[2].partition('"')
    return title, rest.partition('data-text="')[2].partition('"')[0]


def is_down(earshot: Earshot, leg: str, within: float = 10) -> None:
    eventually(lambda: leg not in earshot.simulator.marked(), within=within)


# --- two supervisors -------------------------------------------------------------------------------------
def test_two_supervisors_see_each_other(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, "colleague")
    mine = listening(scene)
    supervise(scene, "whisper", "colleague")
    theirs = state_is(scene, "connected", "whisper")["leg"]
    eventually(lambda: "Luis Ortega is whispering." in part(scene, "supervise-"), within=8)
    assert "Dana Whitfield is listening." in part(scene, "supervise-", who="colleague")
    row = part(scene, f"c-{scene.id}", "/floor/", "admin").partition("</tr>")[0]
    by = row.partition('class="c-by"')[2]
    assert by.index("Whispering") < by.index("Luis Ortega") < by.index("+1")
    assert 'title="Dana Whitfield"' in by
    leave(earshot, "colleague")
    is_down(earshot, theirs)
    assert who_heard(earshot, mine) == set()
    assert who_heard(earshot, theirs) == {scene.agent}
    assert line(scene) == "Listening: nobody hears you."


def test_whose_mode_is_newer_is_named_first(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, "colleague")
    listening(scene)
    listening(scene, "colleague")
    supervise(scene, "barge")

    def first() -> bool:
        by = part(scene, f"c-{scene.id}", "/floor/", "admin").partition('class="c-by"')[2].partition("+1")[0]
        return "Barging in" in by and "Dana Whitfield" in by

    eventually(first, within=8)


# --- the supervisor's phone, the conference --------------------------------------------------------------
def test_the_phone_hangs_up_in_the_middle(scene: Scene, earshot: Earshot) -> None:
    leg = listening(scene, mode="barge")
    earshot.simulator.does(leg, "hangup")
    state_is(scene, "ended", reason="hung up")
    assert line(scene) == "Your phone hung up."
    said = ("Your phone hung up.", f"You are not in {scene.name} any more.")
    assert notice(scene) == notice(scene, "/recordings/") == notice(scene, "/phone/") == said
    again = part(scene, "supervise-").partition('id="supervise-again"')[2].partition(">")[0]
    assert press(earshot, again.partition('hx-post="')[2].partition('"')[0]).status_code == 204
    assert state_is(scene, "connected", "barge")["leg"] != leg
    assert notice(scene) == ("", "")


def test_the_conference_ends_in_the_middle(scene: Scene, earshot: Earshot) -> None:
    leg = listening(scene)
    earshot.simulator.command(f"/conferences/{scene.id}/actions/end")
    state_is(scene, "ended", reason="conference ended")
    is_down(earshot, leg)
    assert "Ready" in part(scene, "own-phone").partition("</div>")[0]
    assert "Ended" in part(scene, "conference-page-").partition("</header>")[0]
    assert notice(scene) == ("", "")


def test_somebody_takes_the_leg_out(scene: Scene, earshot: Earshot) -> None:
    leg = listening(scene)
    earshot.simulator.command(f"/conferences/{scene.id}/actions/leave", {"call_control_id": leg})
    state_is(scene, "ended")
    is_down(earshot, leg)
    assert notice(scene) == ("You were taken out.", f"You are not in {scene.name} any more.")
    assert "hung up the phone of Dana Whitfield" in earshot.get(f"{scene.address}/").text


def test_the_agent_leaves_whom_a_supervisor_whispers_to(scene: Scene, earshot: Earshot) -> None:
    leg = listening(scene, mode="whisper")
    earshot.simulator.does(scene.agent, "hangup")
    state_is(scene, "connected", "monitor")
    assert line(scene) == "Priya Nair left. Listening: nobody hears you."
    page = unescape(earshot.get(f"{scene.address}/").text)
    assert "let Dana Whitfield only listen: Priya Nair left" in page
    assert who_heard(earshot, leg) <= {scene.agent}


# --- the supervisor's rights and phone -------------------------------------------------------------------
@pytest.mark.parametrize(("orders", "code"), [(ROLE_TAKEN, 4403), (DEACTIVATED, 4401)])
async def test_the_right_is_lost_in_the_middle(
    scene: Scene, earshot: Earshot, orders: tuple[str, str], code: int
) -> None:
    leg = listening(scene, mode="barge")
    number = number_of(earshot, "supervisor")
    async with earshot.site.live(earshot.sessions["supervisor"]) as socket:
        await socket.send(json.dumps({"watch": [f"supervise:{number}:{scene.id}"]}))
        await socket.receive()
        with changed(earshot, *orders, number):
            closed = asyncio.create_task(closing_code(socket))
            await asyncio.to_thread(is_down, earshot, leg, 5)
            assert await asyncio.wait_for(closed, 6) == code
            ended = await asyncio.to_thread(state_is, scene, "ended")
            colleague = part(scene, "conference-page-", who="colleague")
    assert ended["reason"] == "right lost"
    assert "hung up the phone of Dana Whitfield: the right to it was lost" in colleague
    said = "You may not supervise this conference any more."
    assert notice(scene) == (said, f"You are not in {scene.name} any more.")
    assert line(scene) == said


async def closing_code(socket: object) -> int:
    with pytest.raises(Closed) as closed:
        while True:
            await socket.receive()  # type: ignore[attr-defined]
    return closed.value.code


def test_the_right_is_lost_while_the_phone_is_called(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, after=20)
    supervise(scene, "listen")
    leg = state_is(scene, "calling")["leg"]
    with changed(earshot, *ROLE_TAKEN, number_of(earshot, "supervisor")):
        is_down(earshot, leg, 5)
        state_is(scene, "ended", reason="right lost")


def test_the_phone_is_forgotten_in_the_middle(scene: Scene, earshot: Earshot) -> None:
    leg = listening(scene)
    ((phone,),) = earshot.rows(
        "select id from supervision_phone where user_id = ?", number_of(earshot, "supervisor")
    )
    assert press(earshot, f"/phone/{phone}/forget").status_code in {204, 302}
    assert line(scene) == "Listening: nobody hears you."
    page = unescape(earshot.get("/phone/").text)
    assert f"You are connected on +1 312 555 9001 until you leave {scene.name}." in page
    leave(earshot)
    is_down(earshot, leg)
    state_is(scene, "ended", reason="left")
    assert line(scene) == "Set your phone first."
    assert supervise(scene, "listen", status=409) == "Set your phone first."


# --- trying again ------------------------------------------------------------------------------------------
def test_try_again_is_the_same_press(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, behaviour="busy")
    supervise(scene, "whisper")
    failed = state_is(scene, "failed")
    assert line(scene) == "Your phone is busy."
    set_phone(earshot)
    assert press(earshot, f"/supervisions/{UUID(failed['id'])}/again").status_code == 204
    assert json.loads(state_is(scene, "connected", "whisper")["whisper_to"]) == [scene.agent]
    assert notice(scene) == ("", "")


def test_trying_a_whisper_again_reaches_nobody_else(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, behaviour="not_found")
    supervise(scene, "whisper")
    failed = state_is(scene, "failed")
    assert line(scene) == "Your phone’s number cannot be reached."
    earshot.simulator.does(scene.agent, "hangup")
    other = earshot.simulator.answered_call("+13125550147")
    earshot.simulator.command(f"/conferences/{scene.id}/actions/join", {"call_control_id": other})
    eventually(lambda: not scene.state(scene.agent) and scene.state(other), within=8)
    answer = press(earshot, f"/supervisions/{UUID(failed['id'])}/again")
    assert (answer.status_code, answer.json()["title"]) == (409, "Whom you chose has left.")


def test_a_failure_is_put_away(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, behaviour="reject")
    supervise(scene, "listen")
    failed = state_is(scene, "failed")
    said = ("Your phone rejected the call.", f"You are not in {scene.name}. Nobody was told.")
    assert notice(scene, "/queues/") == said
    assert press(earshot, f"/supervisions/{UUID(failed['id'])}/dismiss").status_code == 204
    assert (notice(scene), line(scene)) == (("", ""), "")


async def test_everybody_is_pushed_that_a_press_came_to_nothing(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, behaviour="busy")
    await live_equals_reload(
        earshot.site,
        earshot.sessions["colleague"],
        f"{scene.address}/",
        lambda: supervise(scene, "listen"),
        until=lambda html: "Failed: busy" in html,
        within=8,
    )


def test_nothing_is_tried_again_of_somebody_else_or_of_what_goes_on(scene: Scene, earshot: Earshot) -> None:
    listening(scene)
    going_on = UUID(state_is(scene, "connected")["id"])
    for who in ("supervisor", "colleague"):
        answer = press(earshot, f"/supervisions/{going_on}/again", who)
        assert (answer.status_code, answer.json()["title"]) == (409, "This changed while you pressed.")


def test_a_conference_that_ended_first_is_not_tried_again(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, after=20)
    supervise(scene, "listen")
    state_is(scene, "calling")
    earshot.simulator.command(f"/conferences/{scene.id}/actions/end")
    state_is(scene, "failed")
    assert notice(scene) == (
        "The conference ended first.",
        f"You are not in {scene.name}. Nobody was told.",
    )
    assert "data-again" not in part(scene, "own-phone", "/floor/").partition("</div>")[0]


# --- while nobody knows who hears --------------------------------------------------------------------------
def test_what_is_not_known_is_shown_as_wide_as_it_may_be_and_ended(scene: Scene, earshot: Earshot) -> None:
    leg = listening(scene)
    earshot.simulator.fault(f"{scene.id}/actions/update", "cut_after", count=None)
    supervise(scene, "barge")
    said = "Barging in: everyone hears you. Telnyx has not answered the last press."
    eventually(lambda: line(scene) == said, within=8)
    row = part(scene, f"c-{scene.id}", "/floor/", "colleague").partition("</tr>")[0]
    assert "Barging in" in row.partition('class="c-by"')[2]
    is_down(earshot, leg, within=34)
    state_is(scene, "ended", reason="role not known")
    assert notice(scene)[0] == "Telnyx did not say who heard you: your phone was hung up."


def test_a_later_press_does_not_narrow_what_is_not_known(scene: Scene, earshot: Earshot) -> None:
    leg = listening(scene)
    earshot.simulator.fault(f"{scene.id}/actions/update", "cut_after", count=None)
    supervise(scene, "barge")
    earshot.simulator.no_faults()
    earshot.simulator.fault(f"{scene.id}/actions/update", 503, count=None)
    supervise(scene, "listen")
    assert who_heard(earshot, leg) == {scene.agent, scene.caller}
    assert line(scene).startswith("Barging in: everyone hears you.")
    earshot.simulator.no_faults()
    eventually(lambda: line(scene) == "Listening: nobody hears you.", within=30)


def test_leaving_before_the_dial_is_answered_is_no_failure(scene: Scene, earshot: Earshot) -> None:
    set_phone(earshot, after=20)
    earshot.simulator.fault("/v2/calls", "cut_after", count=None)
    supervise(scene, "listen")
    leg = state_is(scene, "calling")["leg"]
    earshot.simulator.no_faults()
    leave(earshot)
    is_down(earshot, leg)
    state_is(scene, "ended", reason="cancelled")
    assert notice(scene) == ("", "")
