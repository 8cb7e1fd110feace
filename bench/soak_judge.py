"""What must be true when the world stands still; each thing that is not becomes one line of `wrong`."""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench import soak_floor, soak_history
from bench.soak_floor import TOLD
from bench.soak_history import History
from tests.support.earshot import Earshot

Json = dict[str, Any]

BEAT = 10.0  # seconds between two reads of everything
LOOK = 30.0  # seconds between two looks into Telnyx's log of deliveries
LAST_ATTEMPT = 8.0  # seconds until the last attempt of a webhook has failed, and it is in that log
PAUSE = 0.5
PAGE = 250
SERIOUS = re.compile(r"^(Traceback|\S+ \S+ (ERROR|CRITICAL) )", re.MULTILINE)


@dataclass(slots=True)
class Log:
    """The simulator's log of deliveries: every event once, and what became of its deliveries."""

    deliveries: list[Json]
    events: dict[str, Json] = field(init=False)
    answered: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.events = {one["webhook"]["id"]: one["webhook"] for one in self.deliveries}
        self.answered = {one["webhook"]["id"] for one in self.deliveries if one["status"] == "delivered"}

    def counts(self) -> dict[str, int]:
        tries = [attempt for one in self.deliveries for attempt in one["attempts"]]
        return {
            "events": len(self.events),
            "deliveries": len(self.deliveries),
            "attempts": len(tries),
            "attempts that failed": sum(attempt["status"] == "failed" for attempt in tries),
            "events never answered": len(self.events.keys() - self.answered),
        }


@dataclass(slots=True)
class Verdict:
    """`seconds` after the freeze: until the lists' fields were equal, until everything was. None: never."""

    wrong: list[str] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float | None] = field(default_factory=dict)


class Judge:
    """Waits for a frozen world and compares. `shuffle` is the seconds that a webhook may be late."""

    def __init__(self, earshot: Earshot, shuffle: float, delivery_log: bool) -> None:
        self._earshot, self._with_log = earshot, delivery_log
        self.allowed = shuffle + 2 * BEAT
        # Without that log, a floor is doubted two beats after the read that shows a loss.
        self.allowed_for_all = shuffle + LAST_ATTEMPT + LOOK + BEAT
        self._log = Log([])

    # --- waiting ---------------------------------------------------------------------------------------
    def wait(self) -> dict[str, float | None]:
        """Seconds until the lists' fields were equal, and until nothing was left to wait for."""
        started = time.monotonic()
        lists = _until(self._lists_are_equal, started, self.allowed)
        everything = _until(self._all_is_well, started, self.allowed_for_all)
        return {"lists": lists, "everything": everything}

    def _lists_are_equal(self) -> bool:
        return not soak_floor.differences(self._floor(), self._earshot.simulator.truth())

    def _all_is_well(self) -> bool:
        if self._earshot.simulator.deliveries_waiting() or self._count("pending") or self._open_commands():
            return False
        return not self.judge().wrong

    # --- judging ---------------------------------------------------------------------------------------
    def judge(self) -> Verdict:
        """What is true now."""
        floor, truth = self._floor(), self._earshot.simulator.truth()
        verdict = Verdict(compared=soak_floor.compared(truth))
        log, ours = self._read_log(), soak_history.kept(self._earshot)
        self._judge_floor(verdict, floor, truth)
        self._judge_history(verdict, ours, soak_history.told(log.events.values()))
        self._judge_inbox(verdict, log)
        self._judge_process(verdict)
        verdict.counts |= log.counts()
        verdict.unknown = {what: number for what, number in sorted(verdict.unknown.items()) if number}
        return verdict

    def _floor(self) -> Json:
        answer = self._earshot.get("/api/floor")
        return dict(answer.raise_for_status().json())

    def _judge_floor(self, verdict: Verdict, floor: Json, truth: Json) -> None:
        verdict.wrong += map(str, soak_floor.differences(floor, truth))
        if self._with_log:
            verdict.wrong += map(str, soak_floor.differences(floor, truth, TOLD))
            return
        wrong, unknown = soak_floor.told(floor, truth)
        verdict.wrong += map(str, wrong)
        verdict.unknown["who holds the floor"] = unknown

    def _judge_history(self, verdict: Verdict, ours: History, truth: History) -> None:
        if self._with_log:
            verdict.wrong += map(str, soak_history.exact(ours, truth))
        else:
            wrong, unknown = soak_history.as_lists_tell(ours, truth)
            verdict.wrong += map(str, wrong)
            verdict.unknown |= unknown
        verdict.compared |= {
            "history.stays": sum(map(len, truth.stays.values())),
            "history.why a conference ended": len(truth.ends),
            "history.why a leg hung up": len(truth.hangups),
        }

    def _judge_inbox(self, verdict: Verdict, log: Log) -> None:
        query = "SELECT event_id FROM telephony_inboxevent WHERE source = 'webhook'"
        stored = Counter(row[0] for row in self._earshot.rows(query))
        verdict.wrong += [f"answered 200 and not in the inbox: {one}" for one in log.answered - stored.keys()]
        verdict.wrong += [f"in the inbox and never sent: {one}" for one in stored.keys() - log.events.keys()]
        verdict.wrong += [f"in the inbox twice: {one}" for one, times in stored.items() if times > 1]
        if self._with_log:
            never = log.events.keys() - stored.keys()
            verdict.wrong += [
                f"lost, and not fetched: {one} {log.events[one]['event_type']}" for one in never
            ]
        states = {state: self._count(state) for state in ("projected", "pending", "dead")}
        verdict.wrong += [
            f"{states[state]} events are {state}" for state in ("pending", "dead") if states[state]
        ]
        verdict.counts |= {"webhooks in the inbox": stored.total()}
        verdict.counts |= {f"inbox: {state}": number for state, number in states.items()}

    def _judge_process(self, verdict: Verdict) -> None:
        if self._open_commands():
            verdict.wrong.append(f"{self._open_commands()} commands are still open")
        if self._earshot.server.exit_code is not None:
            verdict.wrong.append(f"Earshot ended by itself, exit code {self._earshot.server.exit_code}")
        serious = SERIOUS.findall(self._earshot.server.output())
        if serious:
            verdict.wrong.append(f"{len(serious)} errors in Earshot's log, {self._earshot.server.log}")

    def _count(self, state: str) -> int:
        query = "SELECT count(*) FROM telephony_inboxevent WHERE state = ?"
        return int(self._earshot.rows(query, state)[0][0])

    def _open_commands(self) -> int:
        query = "SELECT count(*) FROM dashboard_command WHERE settled_at IS NULL"
        return int(self._earshot.rows(query)[0][0])

    # --- the simulator's log -----------------------------------------------------------------------------
    def _read_log(self) -> Log:
        """The whole log, which is refused to Earshot alone."""
        if self._with_log:
            return self._read_whole_log()
        self._earshot.simulator.no_faults()
        try:
            return self._read_whole_log()
        finally:
            self._earshot.simulator.no_delivery_log()

    def _read_whole_log(self) -> Log:
        """The one read before, if nothing was delivered since."""
        total = self._page(1, 1)["meta"]["total_results"]
        if total != len(self._log.deliveries):
            pages = [self._page(number, PAGE) for number in range(1, -(-total // PAGE) + 1)]
            self._log = Log([one for page in pages for one in page["data"]])
        return self._log

    def _page(self, number: int, size: int) -> Json:
        answer = httpx.get(
            f"{self._earshot.simulator.url}/v2/webhook_deliveries",
            params={"page[number]": number, "page[size]": size},
            headers={"authorization": "Bearer KEY-of-the-soak"},
            timeout=30,
        )
        return dict(answer.raise_for_status().json())


def _until(holds: Callable[[], bool], started: float, within: float) -> float | None:
    """The seconds since `started` when it held at last; None if it did not `within` so many."""
    while (elapsed := time.monotonic() - started) <= within:
        if _holds(holds):
            return round(elapsed, 1)
        time.sleep(PAUSE)
    return None


def _holds(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except httpx.HTTPError:  # a server that is just starting
        return False
