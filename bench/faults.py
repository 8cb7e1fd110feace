"""Faults on real servers, one after another: does one whole stack under steady traffic stay right?

    python -m bench.faults                # the quick ones, as `make test` has them
    python -m bench.faults --long         # all, as `make faults` has them
    python -m bench.faults --only Redis

Starts what `make up` starts, with the simulator's callers and three pages in Chromium. After each fault the
callers stand still, so that no later news helps. Then:

* each event that was answered 2xx is in the inbox;
* what was not taken was answered 503 or not at all, and was sent again;
* each page is equal to the database within 10 s, and during the fault it said what it is.

Ends with 1 if anything is wrong. Everything is on this machine and is ended by its own id.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import psycopg

from bench import faults_strikes
from bench.faults_screens import Account, Screens
from bench.faults_strikes import Fault, Site
from bench.results import say
from scripts.running import PASSWORD, end_on_signals
from scripts.stack import Stack
from tests.support.browser import chromium
from tests.support.simulator import Json, SimulatorAt
from tests.support.waiting import eventually

ACCOUNT = Account("supervisor@earshot.example", PASSWORD)
CALLS_PER_MINUTE = 20.0
EQUAL_WITHIN = 10.0  # seconds after a fault, on a machine that does nothing else
REPAIRED_WITHIN = 75.0  # seconds: two looks into Telnyx's log of what failed
LATER = 60.0  # seconds at most until the last attempt of a delivery is over
PAUSE = 0.2
MOST_TOLD = 8  # lines of what is wrong after one fault
ALLOWED = {200, 503, None}  # None: the connection broke, or nobody answered in time


@dataclass(slots=True)
class Outcome:
    """What one fault did: `seconds` until every page was equal, `states` that the pages told meanwhile."""

    name: str
    seconds: float = 0.0
    sent: int = 0
    states: set[str] = field(default_factory=set)
    statuses: Counter[int | None] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def words(self) -> str:
        states = ", ".join(sorted(self.states)) or "live"
        answers = ", ".join(f"{times} × {status or 'none'}" for status, times in self.statuses.items())
        told = f"{self.sent} webhooks answered {answers}; pages said {states}; "
        wrong = [*self.wrong[:MOST_TOLD], f"and {len(self.wrong) - MOST_TOLD} more"][: len(self.wrong)]
        return "\n  ".join([f"{self.name}: {told}equal after {self.seconds:.1f} s", *wrong])


class Trial:
    """One stack with its callers and pages. `within`: seconds until a page must be equal."""

    def __init__(self, site: Site, screens: Screens, within: float = EQUAL_WITHIN) -> None:
        self._site, self._screens, self._within = site, screens, within
        self._sent, self._statuses = 0, Counter[int | None]()

    def suffer(self, fault: Fault) -> Outcome:
        """Strikes, waits, judges; the callers go on afterwards."""
        outcome = Outcome(fault.name)
        self._screens.states()
        fault.strike(self._site)
        self._site.simulator.traffic(False)
        outcome.seconds, outcome.wrong = self._until_equal()
        outcome.states = self._screens.states()
        if missing := fault.told - outcome.states:
            outcome.wrong.append(f"no page said {', '.join(sorted(missing))}")
        self._judge_deliveries(outcome)
        outcome.wrong += self._site.ended()
        self._site.simulator.traffic(True)
        return outcome

    def repaired(self) -> list[str]:
        """What Telnyx gave up sending must come from its log of deliveries: what is missing after all."""
        self._site.simulator.traffic(False)
        sent = {one["webhook"]["id"] for one in self._deliveries()}
        deadline = time.monotonic() + REPAIRED_WITHIN
        while (missing := sent - self._inbox()) and time.monotonic() < deadline:
            time.sleep(PAUSE)
        return [f"never in the inbox: {one}" for one in sorted(missing)]

    def _until_equal(self) -> tuple[float, list[str]]:
        began = time.monotonic()
        while True:
            wrong = self._screens.old() + self._waiting()
            seconds = time.monotonic() - began
            if not wrong or seconds > self._within:
                return seconds, wrong
            time.sleep(PAUSE)

    def all_projected(self) -> bool:
        return not self._waiting()

    def _waiting(self) -> list[str]:
        ((count,),) = self._rows("SELECT count(*) FROM telephony_inboxevent WHERE state <> 'projected'")
        return [f"{count} events wait in the inbox"] if count else []

    def _judge_deliveries(self, outcome: Outcome) -> None:
        """Of everything that was ever sent: what was lost since would be found too."""
        deliveries = self._deliveries()
        taken = {one["webhook"]["id"] for one in deliveries if one["status"] == "delivered"}
        lost = taken - self._inbox()
        outcome.wrong += [f"answered 200 and not in the inbox: {one}" for one in sorted(lost)]
        statuses = Counter(status for one in deliveries for status in _statuses(one))
        outcome.statuses, outcome.sent = statuses - self._statuses, len(deliveries) - self._sent
        outcome.wrong += [f"a webhook was answered {status}" for status in outcome.statuses.keys() - ALLOWED]
        self._statuses, self._sent = statuses, len(deliveries)

    def _deliveries(self) -> list[Json]:
        deadline = time.monotonic() + LATER
        while self._site.simulator.deliveries_waiting() and time.monotonic() < deadline:
            time.sleep(PAUSE)
        return self._site.simulator.deliveries()

    def _inbox(self) -> set[str]:
        return {str(row[0]) for row in self._rows("SELECT event_id FROM telephony_inboxevent")}

    def _rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self._site.stack.database_url) as connection:
            return connection.execute(query.encode()).fetchall()


def _statuses(delivery: Json) -> Iterator[int | None]:
    for attempt in delivery["attempts"]:
        yield attempt["http"].get("response", {}).get("status")


@contextmanager
def trial(within: float = EQUAL_WITHIN, stack: Stack | None = None) -> Iterator[Trial]:
    """Everything started, callers in the queues, pages open and live."""
    with ExitStack() as ending:
        running = ending.enter_context(stack or Stack(calls_per_minute=CALLS_PER_MINUTE))
        simulator = SimulatorAt(running.simulator_url)
        ending.callback(simulator.end)
        conference, legs = simulator.conference("Claims 4411", "+16175550141", "+16175550142")
        screens = Screens(ending.enter_context(chromium()), running.url, ACCOUNT)
        ending.callback(screens.close)
        simulator.traffic(True)
        judge = Trial(Site(running, simulator, legs), screens, within)
        eventually(judge.all_projected, within=60)
        screens.open(["/floor/", "/queues/", f"/conferences/{conference}/"])
        yield judge


def main() -> int:
    asked = _arguments()
    end_on_signals()
    known = faults_strikes.faults() if asked.long else faults_strikes.quick()
    chosen = [one for one in known if asked.only in one.name]
    outcomes = list(run(chosen, asked.within))
    wrong = sum(bool(one.wrong) for one in outcomes)
    say(f"{len(outcomes) - wrong} of {len(outcomes)} held")
    return 1 if wrong else 0


def run(chosen: Sequence[Fault], within: float) -> Iterator[Outcome]:
    """Each on the same stack, told as it ends; the last says what was lost for good."""
    with trial(within) as one:
        for fault in [faults_strikes.NONE, *chosen]:
            outcome = one.suffer(fault)
            say(outcome.words())
            yield outcome
        outcome = Outcome("After all of them", wrong=one.repaired())
        say(outcome.words())
        yield outcome


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser("python -m bench.faults", description=__doc__.splitlines()[0])
    reader.add_argument("--long", action="store_true", help="all of them, not the quick ones alone")
    reader.add_argument("--only", default="", help="faults with this in their name")
    reader.add_argument("--within", type=float, default=EQUAL_WITHIN, help="seconds until pages are equal")
    return reader.parse_args()


if __name__ == "__main__":
    sys.exit(main())
