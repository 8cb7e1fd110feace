"""The soak for some seconds: Earshot holds, and what is planted is found."""

import copy
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.soak import Plan, Soak
from bench.soak_floor import REPAIRABLE, differences
from bench.soak_floor import told as floor_told
from bench.soak_history import History, Place, Stay, as_lists_tell, exact, told
from bench.soak_report import Report
from tests.support.earshot import Earshot, Prepared, running_earshot
from tests.support.environment import ROOT
from tests.support.processes import Process
from tests.support.waiting import eventually

PLAN = Plan(seconds=4, seed=3, shuffle=1, kill_every=2.5, press_every=0.3, calls_per_minute=120)


@dataclass
class Soaked:
    """An Earshot after some seconds of faults, its world frozen, and what was found."""

    earshot: Earshot
    soak: Soak
    report: Report

    def wrong(self) -> list[str]:
        return self.soak.judge.judge().wrong


@pytest.fixture(scope="module")
def soaked(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Soaked]:
    folder = tmp_path_factory.mktemp("soak")
    with running_earshot(prepared, folder, PLAN.simulator_arguments()) as earshot:
        soak = Soak(earshot, PLAN)
        soak.let_loose()
        eventually(lambda: pressed(soak), within=60)
        soak.freeze()
        eventually(lambda: earshot.simulator.deliveries_waiting() == 0, within=30)
        # A process that starts looks at everything at once: the test does not wait for a beat.
        earshot.restart(kill=True)
        yield Soaked(earshot, soak, soak.report())


def pressed(soak: Soak) -> bool:
    """Presses until one press was taken, however slow the machine."""
    soak.presser.press_one()
    return soak.presser.answers["204"] > 0


def test_what_is_shown_is_true_in_spite_of_everything(soaked: Soaked, tmp_path: Path) -> None:
    report, verdict = soaked.report, soaked.report.verdict
    assert report.holds, report.words()
    assert report.done["kills"] >= 1
    assert report.done["presses answered 204"] >= 1
    assert verdict.counts["attempts that failed"] > 0
    assert verdict.counts["webhooks in the inbox"] == verdict.counts["events"] >= 50
    assert verdict.compared["person.muted"] >= 4
    assert verdict.compared["history.stays"] >= 15
    report.write(tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text())["holds"] is True


# --- planted in the database -----------------------------------------------------------------------------
@contextmanager
def planted(earshot: Earshot, table: str, plant: str) -> Iterator[None]:
    """One statement on a running server's table; afterwards the table is as it was."""
    with closing(sqlite3.connect(earshot.database_url.removeprefix("sqlite:///"), timeout=10)) as database:
        before = database.execute(f"SELECT * FROM {table}").fetchall()
        with database:
            assert database.execute(plant).rowcount == 1
        try:
            yield
        finally:
            with database:
                database.execute(f"DELETE FROM {table}")
                marks = ", ".join("?" * len(before[0]))
                database.executemany(f"INSERT INTO {table} VALUES ({marks})", before)


def one(table: str, where: str) -> str:
    return f"WHERE id = (SELECT min(id) FROM {table} WHERE {where})"


INBOX, PEOPLE, CALLERS = "telephony_inboxevent", "conferences_participant", "queues_queuedcall"
CONFERENCES, CALLS = "conferences_conference", "telephony_call"
PLANTS = {
    "answered 200 and not in the inbox": (INBOX, f"DELETE FROM {INBOX} {one(INBOX, 'attempts = 0')}"),
    "1 events are dead": (INBOX, f"UPDATE {INBOX} SET state = 'dead' {one(INBOX, 'attempts = 0')}"),
    "in the inbox and never sent": (
        INBOX,
        f"UPDATE {INBOX} SET event_id = 'x' {one(INBOX, 'attempts = 0')}",
    ),
    "Earshot has nobody": (CALLERS, f"DELETE FROM {CALLERS} {one(CALLERS, 'left_at IS NOT NULL')}"),
    "true is nobody": (
        PEOPLE,
        f"UPDATE {PEOPLE} SET call_control_id = 'v3:x' {one(PEOPLE, 'left_at IS NULL')}",
    ),
    "timeout, true is": (
        CALLERS,
        f"UPDATE {CALLERS} SET left_because = 'timeout' {one(CALLERS, 'left_at IS NOT NULL')}",
    ),
    " floor: Earshot has None": (
        CONFERENCES,
        f"UPDATE {CONFERENCES} SET floor_leg = '' "
        + one(
            CONFERENCES,
            "floor_leg IN (SELECT call_control_id FROM conferences_participant WHERE left_at IS NULL)",
        ),
    ),
}


@pytest.mark.parametrize("found", PLANTS)
def test_what_is_planted_is_found(soaked: Soaked, found: str) -> None:
    with planted(soaked.earshot, *PLANTS[found]):
        assert any(found in line for line in soaked.wrong())


# --- planted in what the floor says -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("what", "field"), [(what, field) for what, fields in REPAIRABLE.items() for field in fields]
)
def test_every_field_of_the_floor_is_compared(soaked: Soaked, what: str, field: str) -> None:
    truth = soaked.earshot.simulator.truth()
    ours = copy.deepcopy(truth)
    thing = first(ours, what)
    thing[field] = "something else"
    assert differences(truth, truth) == []
    assert differences(ours, truth)


def first(floor: dict[str, Any], what: str) -> dict[str, Any]:
    conference = next(one for one in floor["conferences"] if one["participants"])
    queue = next(one for one in floor["queues"] if one["waiting"])
    things = {
        "conference": conference,
        "person": conference["participants"][0],
        "queue": queue,
        "caller": queue["waiting"][0],
    }
    found: dict[str, Any] = things[what]
    return found


# --- without the log of deliveries ------------------------------------------------------------------------
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACE: Place = ("queue", "Sales", "v3:caller")


def stay(because: str = "", minutes: int = 5) -> Stay:
    return Stay(NOON, NOON + timedelta(minutes=minutes) if minutes else None, because)


def history(*stays: Stay, **more: Any) -> History:
    return History({PLACE: list(stays)}, **more)


@pytest.mark.parametrize(
    ("ours", "truth"),
    [
        (history(stay("bridged"), stay("bridged")), history(stay("bridged"))),
        (history(stay(minutes=0)), history(stay("bridged"))),
        (history(stay("hangup")), history(stay("bridged"))),
        (history(ends={"c": "all_left"}), history(ends={"c": "host_left"})),
    ],
)
def test_nothing_false_is_forgiven(ours: History, truth: History) -> None:
    assert len(as_lists_tell(ours, truth)[0]) == 1


def floor_of(*holders: str | None) -> dict[str, Any]:
    return {
        "conferences": [
            {"id": str(number), "floor": held, "participants": []} for number, held in enumerate(holders)
        ],
        "queues": [],
    }


def test_a_floor_may_be_not_known_and_never_wrong() -> None:
    wrong, unknown = floor_told(floor_of("a", None, "a", None), floor_of("a", "a", "b", None))
    assert ([str(one) for one in wrong], unknown) == (["conference 2 floor: Earshot has a, true is b"], 1)


def test_what_is_not_known_is_counted() -> None:
    ours = history(stay("", minutes=4), ends={"c": ""})
    truth = history(stay("bridged"), ends={"c": "all_left"}, hangups={"v3:caller": "normal_clearing"})
    wrong, unknown = as_lists_tell(ours, truth)
    assert wrong == []
    assert unknown == {
        "why a caller left a queue": 1,
        "why a conference ended": 1,
        "why a leg hung up": 1,
    }
    ended = history(ends={"c": "ended_via_api"}), history(ends={"c": "all_left"})
    assert (as_lists_tell(*ended)[0], exact(*ended)) == ([], [])
    assert as_lists_tell(history(), truth)[1]["stays in a queue between two reads"] == 1


def test_the_history_is_in_the_order_of_its_times() -> None:
    def event(kind: str, second: int, **payload: str) -> dict[str, Any]:
        at = (NOON + timedelta(seconds=second)).isoformat()
        about = {"queue": "Sales", "call_control_id": "v3:caller"}
        return {"event_type": kind, "occurred_at": at, "payload": about | payload}

    events = [
        event("call.dequeued", 9, reason="leave"),
        event("call.enqueued", 20),
        event("call.enqueued", 1),
    ]
    assert told(events).stays[PLACE] == [
        Stay(NOON + timedelta(seconds=1), NOON + timedelta(seconds=9), "leave"),
        Stay(NOON + timedelta(seconds=20)),
    ]


# --- as a command ------------------------------------------------------------------------------------------
def test_an_interrupt_ends_everything_that_was_started(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.soak", "--minutes", "5"]
    soak = Process(command, tmp_path / "soak.log", os.environ | {"TMPDIR": str(tmp_path)}, folder=ROOT)
    soak.wait_until(lambda: "s of traffic" in soak.output(), within=120)
    started = children(soak.pid)
    assert len(started) == 2
    soak.send(signal.SIGINT)
    eventually(lambda: soak.exit_code is not None, within=20)
    assert (soak.exit_code, "nothing was compared" in soak.output()) == (130, True)
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
