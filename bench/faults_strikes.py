"""The faults themselves: what is done to a running stack, and how it is mended again.

Each waits under traffic while it lasts, so that webhooks come in the worst moment.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import redis

from bench.faults_disk import filled, may_mount, small_disk
from scripts.stack import Stack
from tests.support.simulator import SimulatorAt

TALK_EVERY = 0.4  # seconds
ROLLING = 10


@dataclass(slots=True)
class Site:
    """A stack, the world that calls it, and two people in a conference who talk in turn."""

    stack: Stack
    simulator: SimulatorAt
    talkers: Sequence[str]
    turn: int = 0

    def go_on(self, seconds: float) -> None:
        """The call centre goes on, and the two talk."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn += 1
            self.simulator.does(self.talkers[self.turn % len(self.talkers)], "talk")
            time.sleep(TALK_EVERY)

    def ended(self) -> list[str]:
        """Processes that are not there any more."""
        codes = {name: process.exit_code for name, process in self.stack.processes().items()}
        return [f"{name} has ended ({code})" for name, code in codes.items() if code is not None]


@dataclass(frozen=True, slots=True)
class Fault:
    """`told`: what a page must have said of its connection meanwhile."""

    name: str
    strike: Callable[[Site], None]
    told: frozenset[str] = frozenset()


def quick() -> list[Fault]:
    """Those that start few processes, for every run of the tests."""
    return [
        Fault("Redis is killed", _kill_redis),
        Fault("Redis forgets everything", _flush_redis),
        Fault("PostgreSQL is restarted", _restart_postgresql),
        Fault("A web process is killed", _kill_web),
    ]


def faults() -> list[Fault]:
    """All of them, in order."""
    return [
        *quick(),
        Fault("Redis stands still for 5 s", _freeze_redis),
        Fault("Redis is restarted", _restart_redis),
        Fault("PostgreSQL stands still for 10 s", _freeze_postgresql, frozenset({"stale"})),
        *([Fault("The disk is full", _fill_disk)] if may_mount() else []),
        Fault("The worker is killed", _kill_worker),
        Fault(f"Rolling restart, {ROLLING} ×", _roll, frozenset({"reconnecting"})),
    ]


def quiet(site: Site) -> None:
    site.go_on(3)


NONE = Fault("Nothing", quiet)


# --- Redis -------------------------------------------------------------------------------------------------
def _kill_redis(site: Site) -> None:
    site.stack.redis.process.kill()
    site.go_on(3)
    site.stack.redis.start_again()


def _flush_redis(site: Site) -> None:
    site.go_on(1)
    with redis.Redis.from_url(site.stack.redis.url) as connection:
        connection.flushall()
    site.go_on(1)


def _freeze_redis(site: Site) -> None:
    with _frozen([site.stack.redis.process.pid]):
        site.go_on(5)


def _restart_redis(site: Site) -> None:
    site.stack.redis.end_process()
    site.stack.redis.start_again()
    site.go_on(1)


# --- PostgreSQL ------------------------------------------------------------------------------------------
def _restart_postgresql(site: Site) -> None:
    site.go_on(1)
    site.stack.postgresql.end_process()
    site.stack.postgresql.start_again()
    site.go_on(1)


def _freeze_postgresql(site: Site) -> None:
    """Two seconds more than ten: a page is stale 10 s after it last heard, and it may just have heard."""
    with _frozen(_family(site.stack.postgresql.process.pid)):
        site.go_on(12)


def _fill_disk(site: Site) -> None:
    with small_disk(site.stack.postgresql, site.stack.database_url) as disk:
        site.go_on(1)
        with filled(disk):
            site.go_on(6)
        site.go_on(1)


# --- our own ---------------------------------------------------------------------------------------------
def _kill_web(site: Site) -> None:
    site.go_on(1)
    site.stack.restart_web(0, kill=True)
    site.go_on(1)


def _kill_worker(site: Site) -> None:
    site.go_on(1)
    site.stack.restart_worker(kill=True)
    site.go_on(1)


def _roll(site: Site) -> None:
    for _ in range(ROLLING):
        for number in range(len(site.stack.webs)):
            site.stack.restart_web(number)
            site.go_on(0.5)
        site.stack.restart_worker()


# --- processes -------------------------------------------------------------------------------------------
@contextmanager
def _frozen(pids: Sequence[int]) -> Iterator[None]:
    """None of them runs; what listens still takes connections, and nobody answers."""
    try:
        for pid in pids:
            _send(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            _send(pid, signal.SIGCONT)


def _send(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # a connection that has just ended
        os.kill(pid, what)


def _family(pid: int) -> list[int]:
    """The process first, so that it starts no further children, and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]
