"""Random runs of commands and supervisions with faults: did ever anybody hear whom they were not to hear?

    python -m bench.soak --supervise --runs 500 --seed 1

Two supervisors and a third who mutes and holds everyone press at the same time, while requests to Telnyx fail
and people come and go. Afterwards the simulator's log of who heard whom is compared with what was pressed.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from bench.soak_heard import Wish, hearers, overheard, touched
from tests.support.earshot import Earshot
from tests.support.pressing import press
from tests.support.supervising import AGENT, PHONES, set_phone

ACTS = 6  # of each person in a run
SHARE = 0.35  # of the requests that name the run's conference fail, in some way
FAULTS = (429, 500, 503, "cut", "cut_after", "broken_json")
BEHAVIOURS = ("answer", "answer", "answer", "answer", "busy", "reject", "not_found")
EVERYONE = ("mute-everyone", "unmute-everyone", "hold-everyone", "resume-everyone")
PATIENCE = 40.0  # seconds after the last run until every leg must be down and every press decided
KILL_EVERY = 50  # runs
COMMANDS = (
    "SELECT s.leg, c.created_at, c.settled_at, c.state, c.detail FROM dashboard_command c "
    "JOIN supervision_supervision s ON c.subject = 'supervision:' || s.conference_id || ':' || ? "
    "WHERE s.id = ? AND c.family = 'supervise' AND c.action <> 'leave'"
)
OPEN = (
    "SELECT count(*) FROM dashboard_command WHERE settled_at IS NULL",
    "SELECT count(*) FROM supervision_supervision WHERE state IN ('requested', 'calling', 'connected')",
)


@dataclass(slots=True)
class Found:
    """What was done, and everything that must not be."""

    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.wrong

    def words(self) -> str:
        lines = [f"  {what:<36}{number}" for what, number in sorted(self.done.items())]
        wrong = [f"Wrong: {len(self.wrong)}", *(f"  {line}" for line in self.wrong[:40])]
        fine = ["Wrong: nothing. Nobody heard a supervisor whom they were not to hear."]
        return "\n".join(["Done:", *lines, *(wrong if self.wrong else fine)])


class Ears:
    """`run()` does `runs` of them, one after another, on an Earshot whose simulator has no traffic."""

    def __init__(
        self, earshot: Earshot, seed: int, runs: int, kill: bool = True, stop: threading.Event | None = None
    ) -> None:
        self._earshot, self._seed, self._runs, self._kill = earshot, seed, runs, kill
        self._stop = stop or threading.Event()
        self._lock = threading.Lock()
        self.found = Found()

    def run(self, say: Callable[[str], None] = lambda words: None) -> Found:
        for who in PHONES:
            set_phone(self._earshot, who)
        ahead: list[tuple[str, str]] = [self._conference(number) for number in range(2)]
        for number in range(self._runs):
            if self._stop.is_set():
                break
            # Made before it is needed: by then Earshot knows it, lost webhooks or not.
            ahead.append(self._conference(number + 2))
            self._one(number, *ahead.pop(0))
            if number % 25 == 24:
                say(f"{number + 1} runs")
        self._settle()
        self._judge()
        return self.found

    def _conference(self, number: int) -> tuple[str, str]:
        """(id, the agent's leg) of a conference of an agent and two callers."""
        name = f"Ears {number + 1}"
        callers = [f"+16175{number % 10_000:04d}{place:02d}" for place in (1, 2)]
        made, legs = self._earshot.simulator.conference(name, AGENT, *callers)
        return made, legs[0]

    def _one(self, number: int, conference: str, agent: str) -> None:
        dice = random.Random(f"{self._seed} run {number}")
        self._plant(dice, conference)
        people: list[Callable[[random.Random], None]] = [
            lambda own: self._supervises(own, "supervisor", conference),
            lambda own: self._supervises(own, "colleague", conference),
            lambda own: self._commands(own, conference, agent),
        ]
        with ThreadPoolExecutor(len(people)) as pool:
            doing = [pool.submit(act, random.Random(dice.random())) for act in people]
            if self._kill and number % KILL_EVERY == KILL_EVERY - 1:
                self._earshot.restart(kill=True)
                self._count("kills")
            for one in doing:
                one.result()
        self._earshot.simulator.no_faults()
        self._far(lambda: self._earshot.simulator.command(f"/conferences/{conference}/actions/end"))
        self._count("runs")

    def _plant(self, dice: random.Random, conference: str) -> None:
        for _ in range(2):
            fault = dice.choice(FAULTS)
            self._earshot.simulator.fault(conference, fault, count=None, probability=SHARE / 2)
        self._earshot.simulator.fault("/v2/calls", dice.choice(FAULTS), count=1, probability=SHARE)
        for phone in PHONES.values():
            self._earshot.simulator.phone(phone, dice.choice(BEHAVIOURS), dice.choice((0.0, 0.05, 0.3)))

    # --- who presses -----------------------------------------------------------------------------------
    def _supervises(self, dice: random.Random, who: str, conference: str) -> None:
        for _ in range(ACTS):
            mode = dice.choices(("listen", "whisper", "barge", "leave", "phone"), (30, 25, 25, 12, 8))[0]
            if mode == "phone":
                self._hang_up(dice)
            elif mode == "leave":
                self._press("/supervision/leave", who, mode)
            else:
                self._press(f"/conferences/{conference}/supervise/{mode}", who, mode)
            self._stop.wait(dice.choice((0.0, 0.0, 0.05, 0.2)))
        self._press("/supervision/leave", who, "leave")

    def _hang_up(self, dice: random.Random) -> None:
        legs = self._earshot.simulator.marked()
        if legs:
            self._far(lambda: self._earshot.simulator.does(dice.choice(legs), "hangup"))
            self._count("phones hung up")

    def _commands(self, dice: random.Random, conference: str, agent: str) -> None:
        for _ in range(ACTS):
            verb = dice.choices((*EVERYONE, "agent leaves", "agent comes"), (20, 25, 15, 20, 8, 12))[0]
            if verb == "agent leaves":
                self._far(lambda: self._earshot.simulator.does(agent, "hangup"))
            elif verb == "agent comes":
                self._far(lambda: self._join(conference))
            else:
                self._press(f"/conferences/{conference}/{verb}", "admin", verb)
            self._stop.wait(dice.choice((0.0, 0.05, 0.2)))

    def _join(self, conference: str) -> None:
        leg = self._earshot.simulator.answered_call(AGENT)
        self._earshot.simulator.command(f"/conferences/{conference}/actions/join", {"call_control_id": leg})

    def _far(self, act: Callable[[], object]) -> None:
        """Somebody outside of Earshot; it may be too late, or meet a fault."""
        try:
            act()
        except (AssertionError, ValueError, httpx.HTTPError):
            self._count("far parties who came too late")

    def _press(self, path: str, who: str, verb: str) -> None:
        try:
            answer = press(self._earshot, path, who)
        except httpx.HTTPError:
            self._count("presses on a dead server")
            return
        self._count(f"{verb}: {answer.status_code}")
        if answer.status_code not in {204, 404, 409, 503}:
            with self._lock:
                self.found.wrong.append(f"{verb}: {answer.status_code} {answer.text[:200]}")

    def _count(self, what: str) -> None:
        with self._lock:
            self.found.done[what] += 1

    # --- afterwards ------------------------------------------------------------------------------------
    def _settle(self) -> None:
        """Every press is decided and every leg down, as long as that may take."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not self._stop.is_set():
            if not self._earshot.simulator.marked() and not any(self._number(one) for one in OPEN):
                return
            self._stop.wait(0.5)
        self.found.wrong += [f"still up: {leg}" for leg in self._earshot.simulator.marked()]
        self.found.wrong += [f"{self._number(one)} still open: {one}" for one in OPEN if self._number(one)]

    def _number(self, query: str) -> int:
        return int(self._earshot.rows(query)[0][0])

    def _judge(self) -> None:
        wishes, simulator = self._wishes(), self._earshot.simulator
        changes = [one for one in simulator.hearing() if one["conference_id"]]
        self.found.done["supervising legs"] = len(wishes)
        self.found.done["changes of who hears whom"] = len(changes)
        self.found.done["heard by somebody"] = sum(bool(set(one["hears"]) & wishes.keys()) for one in changes)
        self.found.wrong += overheard(changes, wishes)
        self.found.wrong += touched(simulator.requests(), set(wishes))

    def _wishes(self) -> dict[str, list[Wish]]:
        found: dict[str, list[Wish]] = {}
        for (number,) in self._earshot.rows("SELECT id FROM supervision_supervision WHERE leg <> ''"):
            for wish in self._of(str(number)):
                found.setdefault(wish.leg, []).append(wish)
        return found

    def _of(self, number: str) -> Iterator[Wish]:
        for leg, pressed, settled, state, detail in self._earshot.rows(COMMANDS, str(UUID(number)), number):
            options = _json(detail)["options"]
            yield Wish(leg, _moment(pressed), _moment(settled) if settled else None, state, hearers(options))


def _json(value: Any) -> dict[str, Any]:
    return dict(json.loads(value) if isinstance(value, str) else value)


def _moment(value: Any) -> datetime:
    """SQLite gives text without a zone, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
