"""A waiting caller is taken to an agent: one call to the agent, the place kept until they answer, words for
everything that keeps the two apart."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest

from dashboard.legs import masked
from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.pressing import press
from tests.support.waiting import eventually

PRIYA = "+13125550147"
FIELDS = "state, reason, leg, conference_name"


@pytest.fixture(autouse=True)
def nobody_is_called(earshot: Earshot) -> Iterator[None]:
    earshot.simulator.phone(PRIYA, "answer", 0.2)
    earshot.simulator.forget_requests()
    yield
    earshot.simulator.no_faults()
    for leg in earshot.simulator.marked():
        earshot.simulator.does(leg, "hangup")
    live = "select count(*) from queues_take where state in ('requested', 'calling', 'ready')"
    up = "select count(*) from telephony_call where to_number = ? and ended_at is null"
    eventually(lambda: earshot.rows(live) == earshot.rows(up, PRIYA) == [(0,)], within=20)


class Line:
    """One caller in a queue of their own."""

    def __init__(self, earshot: Earshot, number: int) -> None:
        self.earshot, self.name = earshot, f"Desk {number}"
        self.leg = earshot.simulator.call(f"+1617555{number:04d}", self.name)
        eventually(lambda: self.stay())
        ((self.pk,),) = earshot.rows("select id from queues_queue where name = ?", self.name)

    def stay(self) -> int:
        found = self.earshot.rows(
            "select id from queues_queuedcall where call_control_id = ? and left_at is null", self.leg
        )
        return int(found[0][0]) if found else 0

    def press(self, what: str = "call-agent", who: str = "supervisor", agent: str = "Priya Nair") -> Any:
        rows = self.earshot.rows("select id from dashboard_agent where name = ?", agent)
        path = f"/queues/{self.pk}/calls/{self.stay()}/{what}"
        return press(self.earshot, path, who, agent=str(rows[0][0]))

    def take(self) -> dict[str, str]:
        rows = self.earshot.rows(
            f"select {FIELDS} from queues_take where call_control_id = ? order by requested_at", self.leg
        )
        return dict(zip(FIELDS.split(", "), rows[-1], strict=True)) if rows else {}

    def becomes(self, state: str) -> dict[str, str]:
        eventually(lambda: self.take().get("state") == state, within=20)
        return self.take()

    def says(self, *words: str) -> bool:
        page = unescape(self.earshot.get(f"/queues/{self.pk}/").text)
        return all(text in page for text in words)

    def dials(self) -> list[dict[str, Any]]:
        asked = self.earshot.simulator.requests("/v2/calls")
        return [one["body"] for one in asked if one["path"].endswith("/calls")]


_numbers = iter(range(7001, 8000))


@pytest.fixture
def line(earshot: Earshot) -> Line:
    return Line(earshot, next(_numbers))


async def test_the_agent_is_called_and_the_caller_follows(line: Line) -> None:
    def act() -> None:
        assert line.press().status_code == 204
        line.becomes("joined")

    session = line.earshot.sessions["colleague"]
    await live_equals_reload(line.earshot.site, session, f"/queues/{line.pk}/", act, within=20)
    take, (dial,) = line.take(), line.dials()
    into = {"conference_name": take["conference_name"], "early_media": False, "beep_enabled": "never"}
    assert (dial["to"], dial["timeout_secs"], dial["conference_config"]) == (PRIYA, 25, into)
    (join,) = line.earshot.simulator.requests("/actions/join")
    assert join["body"]["call_control_id"] == line.leg and take["conference_name"] in join["path"].replace(
        "%20", " "
    )
    logged = "select user_name, action, state from dashboard_command where subject = ? order by created_at"
    told = [("Dana Whitfield", "call-agent", "done"), ("Earshot", "bring-in", "done")]
    eventually(lambda: line.earshot.rows(logged, f"queue:{line.name}") == told)
    eventually(lambda: not line.stay())


def test_the_agents_page_says_for_whom_the_phone_rings(line: Line) -> None:
    line.earshot.simulator.phone(PRIYA, "answer", 24)
    number = line.earshot.rows("select from_number from telephony_call where call_control_id = ?", line.leg)
    caller = f"{masked(number[0][0])}, waiting "
    assert caller not in line.earshot.get("/agents/").text
    line.press()
    eventually(lambda: caller in line.earshot.get("/agents/").text, within=20)
    line.press("cancel")
    eventually(lambda: caller not in line.earshot.get("/agents/").text, within=20)


@pytest.mark.parametrize("fault", ["", "cut_after", "broken_json", 503])
def test_however_it_is_pressed_and_answered_it_is_one_call(line: Line, fault: str | int) -> None:
    line.earshot.simulator.phone(PRIYA, "answer", 24)
    if fault:
        line.earshot.simulator.fault("/v2/calls", fault)
    with ThreadPoolExecutor() as tabs:
        answers = list(tabs.map(lambda _: line.press().text, range(4)))
    assert set(answers) == {""}
    eventually(lambda: line.take()["leg"], within=20)
    line.earshot.simulator.does(line.take()["leg"], "answer")
    take = line.becomes("joined")
    assert line.earshot.simulator.marked() == [take["leg"]]
    assert len({dial["command_id"] for dial in line.dials()}) == 1


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("busy", "Priya Nair is busy"),
        ("no_answer", "Priya Nair did not answer within 25 s"),
        ("reject", "Priya Nair rejected the call"),
        ("not_found", "Priya Nair’s phone cannot be reached"),
    ],
)
def test_who_does_not_answer_gets_nobody(line: Line, behaviour: str, words: str) -> None:
    line.earshot.simulator.phone(PRIYA, behaviour, 0.2)
    assert line.press().status_code == 204
    line.becomes("failed")
    assert line.stay() and line.says(f"Take to an agent failed: {words}")
    assert not line.earshot.simulator.requests("/actions/join")


def test_it_is_cancelled_and_meanwhile_nothing_else_is_done(line: Line) -> None:
    line.earshot.simulator.phone(PRIYA, "answer", 20)
    line.press()
    take = line.becomes("calling")
    assert line.says("Calling Priya Nair")
    refused = line.press("remove")
    assert (refused.status_code, refused.json()["title"]) == (
        409,
        "Priya Nair is being called for this caller.",
    )
    assert line.press("cancel").status_code == 204
    line.becomes("cancelled")
    eventually(lambda: take["leg"] not in line.earshot.simulator.marked(), within=12)
    assert line.stay() and not line.says("Take to an agent failed")


def test_who_hangs_up_meanwhile_leaves_no_phone_ringing(line: Line) -> None:
    line.earshot.simulator.phone(PRIYA, "answer", 20)
    line.press()
    take = line.becomes("calling")
    line.earshot.simulator.does(line.leg, "hangup")
    eventually(lambda: line.take()["reason"] == "caller left", within=20)
    eventually(lambda: take["leg"] not in line.earshot.simulator.marked(), within=12)


def test_what_telnyx_refuses_is_said_and_the_caller_waits(line: Line) -> None:
    line.earshot.simulator.fault("/actions/join", 403)
    line.press()
    take = line.becomes("failed")
    assert line.stay() and take["reason"]
    eventually(lambda: take["leg"] not in line.earshot.simulator.marked(), within=12)


def test_the_next_is_whoever_is_first(line: Line) -> None:
    rows = line.earshot.rows("select id from dashboard_agent where name = 'Priya Nair'")
    path = f"/queues/{line.pk}/next/call-agent"
    assert press(line.earshot, path, agent=str(rows[0][0])).status_code == 204
    line.becomes("joined")
    eventually(lambda: not line.stay())


def test_only_who_may_and_only_to_an_agent_of_theirs(line: Line) -> None:
    assert line.press(who="agent").status_code == 403
    assert line.press(who="seller").status_code == 404
    options = line.earshot.get("/queues/agents", "seller").text
    assert "Owen Hartley, free" in options and "Priya" not in options
    assert line.earshot.get("/queues/agents", "agent").status_code == 403
    assert not line.dials()
