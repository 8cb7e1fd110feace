"""The activity as a colleague has it before them: each step of a supervision and each command, as pushed."""

from collections.abc import Iterator

import pytest

from tests.support.bridging import set_bridge
from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.people import SELLING_AGENT
from tests.support.pressing import press
from tests.support.scene import Scene, done, set_scene
from tests.support.supervising import AGENT, leave, let_go, records, set_phone, state_is, supervise
from tests.support.waiting import eventually

LISTENED, PRESSED = "/activity/", "/activity/?view=commands"


@pytest.fixture
def scene(earshot: Earshot) -> Scene:
    return set_scene(earshot, AGENT)


@pytest.fixture(autouse=True)
def in_no_conference(earshot: Earshot) -> Iterator[None]:
    set_phone(earshot)
    yield
    let_go(earshot)


def row(html: str, scene: Scene) -> str:
    """The newest row about the scene's conference."""
    rows = [part for part in html.split("<tr ") if scene.name in part.partition("</tr>")[0]]
    return rows[0] if rows else ""


async def test_each_step_of_a_supervision_is_pushed(earshot: Earshot, scene: Scene) -> None:
    mine = earshot.sessions["colleague"]

    def listen() -> None:
        supervise(scene, "listen")
        state_is(scene, "connected", "monitor")

    def barge() -> None:
        supervise(scene, "barge")
        state_is(scene, "connected", "barge")

    def go() -> None:
        leave(earshot)
        state_is(scene, "ended")

    await live_equals_reload(
        earshot.site, mine, LISTENED, listen, until=lambda html: "Listening" in row(html, scene)
    )
    await live_equals_reload(
        earshot.site, mine, LISTENED, barge, until=lambda html: "barging in" in row(html, scene)
    )
    number = records(scene)[-1]["id"]
    assert earshot.get("/activity/supervisions/nothing/").status_code == 404
    details = f"/activity/supervisions/{as_uuid(number)}/"
    await live_equals_reload(earshot.site, mine, details, go, until=lambda html: ">Left<" in html)
    assert "barge" in row(earshot.get(LISTENED).text, scene) and "now</b>" not in row(
        earshot.get(LISTENED).text, scene
    )


def as_uuid(number: str) -> str:
    """SQLite keeps it without its hyphens."""
    digits = str(number).replace("-", "")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


async def test_leaving_is_pushed_into_a_list_of_who_is_running(earshot: Earshot, scene: Scene) -> None:
    supervise(scene, "listen")
    state_is(scene, "connected")

    def go() -> None:
        leave(earshot)
        state_is(scene, "ended")

    await live_equals_reload(
        earshot.site,
        earshot.sessions["colleague"],
        f"{LISTENED}?outcome=running",
        go,
        until=lambda html: not row(html, scene),
    )


async def test_a_command_and_its_outcome_are_pushed(earshot: Earshot, scene: Scene) -> None:
    def mute() -> None:
        done(scene, scene.of_person(scene.caller, "mute"), "unmuted")
        eventually(lambda: scene.state(scene.caller).get("muted"))

    await live_equals_reload(
        earshot.site,
        earshot.sessions["colleague"],
        PRESSED,
        mute,
        until=lambda html: "Accepted" in row(html, scene) or "Done" in row(html, scene),
    )


async def test_taking_it_away_is_an_entry_that_is_pushed(earshot: Earshot) -> None:
    def take() -> None:
        answer = press(earshot, "/activity/export", form="csv")
        assert answer.status_code == 200

    await live_equals_reload(
        earshot.site,
        earshot.sessions["colleague"],
        PRESSED,
        take,
        until=lambda html: "supervision as CSV" in html,
    )


async def test_on_a_bridged_call_both_sides_are_known_to_their_team(earshot: Earshot) -> None:
    call = set_bridge(earshot, SELLING_AGENT)

    def listen() -> None:
        call.supervise("listen")
        call.state_is("connected", "monitor")

    await live_equals_reload(
        earshot.site,
        earshot.sessions["seller"],
        LISTENED,
        listen,
        until=lambda html: "Owen Hartley, +1" in html and call.address in html,
    )
    details = f"/activity/supervisions/{as_uuid(call.records()[-1]['id'])}/"

    def go() -> None:
        leave(earshot)
        call.state_is("ended")

    mine = earshot.sessions["seller"]
    await live_equals_reload(earshot.site, mine, details, go, until=lambda html: ">Left<" in html)
    assert "The caller never heard Dana Whitfield." in earshot.get(details, "seller").text
    assert "Dana Whitfield" in earshot.get(PRESSED, "seller").text
    other = set_bridge(earshot)
    other.supervise("listen")
    other.state_is("connected")
    assert other.address in earshot.get(LISTENED, "colleague").text
    assert other.address not in earshot.get(LISTENED, "seller").text


async def test_anothers_teams_supervision_is_not_pushed(earshot: Earshot, scene: Scene) -> None:
    supervise(scene, "listen")
    state_is(scene, "connected")
    assert scene.name not in earshot.get("/activity/?days=all", "seller").text
    assert scene.name in earshot.get("/activity/?days=all", "colleague").text
