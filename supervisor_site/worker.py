"""What goes on without anybody pressing: commands are tried again, Telnyx is read, old things go.

Loops beside each other: a slow read, a long deletion or a try that hangs must never hold up a command. Of
several workers all try commands again, each row by one of them; the one that leads (`leader`) does the rest.
Any process may ask for a read at once (`ask_now`): the request is in the database, so that the process that
reads need not be this one.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Protocol

from django.db import close_old_connections, connections
from django.utils import timezone

import agents.days
import bridged_calls.reads
import conferences.doubts
import conferences.proof
import conferences.reads
import queues.intervals
import queues.reads
import queues.takes_watch
import queues.windows
import recordings.commands
import recordings.reads
import supervision.watch
from conferences.models import Conference
from dashboard import attempts
from dashboard.pokes import poke
from queues.models import Queue
from supervisor_site import measures, tally
from supervisor_site.budget import READS_PER_SECOND, Budget
from supervisor_site.desks import DESKS
from supervisor_site.gaps import Gaps
from supervisor_site.leader import Leader
from supervisor_site.models import Vital
from supervisor_site.retention import forget_some
from supervisor_site.silence import READ_EVERY
from telephony import status
from telephony.client import TelnyxClient, client
from telephony.deliveries import Deliveries
from telephony.errors import Invalid, RateLimited, TelnyxError
from telephony.wire import Json

log = logging.getLogger("earshot.worker")

TICK = 0.5  # seconds between two looks for what is due
BEAT = 10.0  # seconds between two reads of everything, unless that needs longer or webhooks are missing
ANSWER_SOON = timedelta(seconds=2)  # a conference without a name, or with an unproven command
WATCHED_EVERY = BEAT + 2  # seconds, where a read of everything takes longer than that
WATCHED_SINCE = timedelta(seconds=15)  # a process that has not told since then has ended
TRY_AGAIN = timedelta(seconds=5)  # after a read failed
FIGURES_EVERY = 5.0  # seconds between two looks at the figures of queues
OTHERS_WRITE = 0.1  # seconds between two spans of figures, in which whoever waits for SQLite gets in
FORGET_EVERY = 3600.0  # seconds between two looks for what has been kept long enough
TRIES = 3  # of one compare-and-set read
RETRIERS = 4  # threads: a Telnyx that hangs holds each for 4 s with every command


class Worker:
    """`run(stop)` works until the event is set. `clock` counts seconds."""

    def __init__(
        self,
        telnyx: TelnyxClient | None = None,
        clock: Callable[[], float] = time.monotonic,
        budget: Budget | None = None,
    ) -> None:
        self.telnyx, self._clock = telnyx or client(), clock
        self._budget, self._stop = budget or Budget(self.telnyx), threading.Event()
        self._retrying = threading.Event()
        self.conferences = conferences.reads.Reader(self.telnyx)
        self.queues = queues.reads.Reader(self.telnyx)
        self.bridged = bridged_calls.reads.Reader(self.telnyx)
        self.deliveries = Deliveries(self.telnyx, clock)
        self.recordings = recordings.reads.Reader(self.telnyx, clock)
        self.doubts = conferences.doubts.Doubts()
        self.supervisors = supervision.watch.Watch(self.telnyx, clock)
        self.takes = queues.takes_watch.Watch(self.telnyx, clock)
        self.gaps = Gaps()
        self.leader = Leader()
        self._next_sweep = self._next_forgetting = self._next_figures = 0.0
        self._next_urgent = 0.0
        self._read_at: dict[str, float] = {}

    def run(self, stop: threading.Event) -> None:
        self._stop = stop
        alone = {"reads": self.read, "forgets": self.forget, "supervisors": self.supervise}
        alone |= {"figures": self.figures, "takes": self.follow}
        beside = [(name, self._if_leading(work)) for name, work in alone.items()]
        beside += [(f"retries-{number}", self.help_retrying) for number in range(1, RETRIERS)]
        threads = [
            threading.Thread(target=_loop, args=(stop, work), name=f"worker-{name}", daemon=True)
            for name, work in beside
        ]
        for thread in threads:
            thread.start()
        _loop(stop, self.retry)
        for thread in threads:
            thread.join()
        self.leader.resign()

    def _if_leading(self, work: Callable[[], None]) -> Callable[[], None]:
        return lambda: work() if self.leader.leads() else None

    def retry(self) -> None:
        """Send again the commands that are due, and press what the settings say."""
        self._retrying.set()
        try:
            self._retry()
        finally:
            self._retrying.clear()

    def help_retrying(self) -> None:
        """Only while there is something to do: four threads that look twice a second were a sixth of
        what a process did that had nothing to do."""
        if self._retrying.is_set():
            self._retry()

    def _retry(self) -> None:
        attempts.retry(DESKS)
        conferences.commands.resume_overdue(timezone.now())
        tally.WORKER.note()

    def read(self) -> None:
        """Read everything when the beat has come or somebody asked; else what cannot wait for it."""
        if self._clock() >= self._next_sweep or status.is_asked():
            self.sweep()
        elif status.current().reachable:
            self._within(self._read_urgent)
        self.deliveries.look()
        self.recordings.look()

    def supervise(self) -> None:
        """Look after the legs of supervisors."""
        self.supervisors.look()

    def follow(self) -> None:
        """Take callers to the agents who have answered for them."""
        self.takes.look()

    def figures(self) -> None:
        """Move on the spans and days that pages show; write down the intervals that changed, and gaps."""
        if self._clock() < self._next_figures:
            return
        self._next_figures = self._clock() + FIGURES_EVERY
        self.gaps.look()
        poke(queues.windows.tick() | agents.days.tick())
        while queues.intervals.keep(timezone.now()):
            if self._stop.wait(OTHERS_WRITE):
                return

    def forget(self) -> None:
        """Once an hour, what is kept only so long: a chunk at each look, so that nothing waits for it."""
        if self._clock() < self._next_forgetting:
            return
        more = forget_some(timezone.now())
        if not recordings.commands.delete_old(timezone.now()) and not more:
            self._next_forgetting = self._clock() + FORGET_EVERY

    def sweep(self) -> None:
        """Read every live conference and every queue once."""
        started = self._clock()
        self._next_sweep = started + (READ_EVERY if measures.hearing()["shown"]["since"] else BEAT)
        needs = self._within(self._sweep) / READS_PER_SECOND
        tally.WORKER.needs = max(needs, self._clock() - started)
        self._next_sweep = max(self._next_sweep, started + needs)

    def _sweep(self) -> int:
        there = self.conferences.live()
        listed = self.queues.listed()
        poke(status.answered(self.telnyx.latency_ms))
        here = Conference.objects.live().values_list("id", flat=True)
        known = Queue.objects.filter(absent_since=None).values_list("name", flat=True)
        # Queues first: there are few of them, and somebody waits in each.
        reads = self._read_queues({*listed, *known}, listed)
        reads += self._read_conferences({*there, *here}, there) + self.conferences.read_ends()
        reads += self.bridged.look()
        self.doubts.look()
        return reads

    def _read_queues(self, names: Iterable[str], listed: dict[str, Json]) -> int:
        reads = 0
        for name in sorted(names):
            if self._may_read():
                reads += (made := _read(self.queues, name, listed.get(name)))
                self._budget.spend(made)
        return reads

    def _read_conferences(self, ids: Iterable[str], there: dict[str, Json]) -> int:
        """What somebody looks at first, then what was read longest ago, so that what broke off goes on."""
        reads, listed_at, watched = 0, self._clock(), _watched()
        for conference_id in sorted(
            ids, key=lambda one: (one not in watched, self._read_at.get(one, 0.0), one)
        ):
            if not self._may_read():
                break
            if self._clock() - listed_at > BEAT:  # what it says of those still to come is old
                there, listed_at = self.conferences.live(), self._clock()
            reads += self._read_conference(conference_id, there.get(conference_id))
        return reads

    def _may_read(self) -> bool:
        """Returns once the budget has room, and reads meanwhile what cannot wait. False: told to end.

        Every now and then also when there is room: a Telnyx that is slow never lets the budget run out."""
        if self._clock() >= self._next_urgent:
            self._next_urgent = self._clock() + TICK
            self._read_urgent()
        while seconds := self._budget.wait():
            if self._stop.wait(min(seconds, TICK)):
                return False
            self._read_urgent()
            self.deliveries.look()
        return True

    def _read_urgent(self) -> int:
        """Names last, and only as far as the budget goes: after a busy minute a thousand may lack theirs."""
        reads = sum(self._read_conference(one, None) for one in self._urgent())
        for one in self._nameless():
            if self._budget.wait():
                break
            reads += self._read_conference(one, None)
        return reads

    def _read_conference(self, conference_id: str, listed: Json | None) -> int:
        self._read_at[conference_id] = self._clock()
        reads = _read(self.conferences, conference_id, listed)
        self._budget.spend(reads if listed else 2 * reads)  # what no list told is asked for itself
        return reads

    def _urgent(self) -> list[str]:
        """Live conferences on whom a command waits for its proof, or that somebody looks at."""
        waiting = conferences.proof.unproven(since=timezone.now() - ANSWER_SOON * 15)
        live = Conference.objects.live()
        soon = live.filter(id__in=waiting).values_list("id", flat=True)
        found = self._unread(soon, ANSWER_SOON.total_seconds())
        watched = live.filter(id__in=_watched()).exclude(id__in=found)
        return found + self._unread(watched.values_list("id", flat=True), WATCHED_EVERY)

    def _nameless(self) -> list[str]:
        nameless = Conference.objects.live().filter(name="").values_list("id", flat=True)
        return self._unread(nameless, ANSWER_SOON.total_seconds())

    def _unread(self, ids: Iterable[str], seconds: float) -> list[str]:
        now = self._clock()
        return [one for one in ids if now - self._read_at.get(one, 0.0) >= seconds]

    def _within(self, reads: Callable[[], int]) -> int:
        """Run reads; what Telnyx does not answer is shown on every page."""
        try:
            return reads()
        except RateLimited as busy:
            self._next_sweep = self._clock() + max(BEAT, busy.reset)
        except TelnyxError as problem:
            poke(status.silent(problem.words, timezone.now() + TRY_AGAIN))
        conferences.reads.expire()
        return 0


def _watched() -> set[str]:
    """What somebody has open in a page of its own, as each process last told."""
    told = Vital.objects.filter(beat_at__gte=timezone.now() - WATCHED_SINCE)
    return {one for figures in told.values_list("figures", flat=True) for one in figures.get("looked_at", ())}


class Reader(Protocol):
    def read(self, key: str, listed: Json | None) -> bool: ...


def _read(reader: Reader, key: str, listed: Json | None) -> int:
    """A read that lost its race is done again, a few times; the next beat comes anyway. Returns the reads."""
    for number in range(1, TRIES + 1):
        try:
            if reader.read(key, listed):
                return number
        except Invalid as refusal:
            # About this one alone: the others must be read all the same.
            log.warning("Telnyx refuses a read: %s", refusal.words)
            return number
    return TRIES


def _loop(stop: threading.Event, work: Callable[[], None]) -> None:
    """Do a piece of work again and again; a failure is logged and ends nothing."""
    while not stop.is_set():
        try:
            work()
        except Exception:
            log.exception("The worker stumbled; it goes on")
            connections.close_all()
        close_old_connections()
        stop.wait(TICK)
    connections.close_all()
