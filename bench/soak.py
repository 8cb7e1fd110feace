"""`make soak`: a call centre's day on a wire that lies and a server that dies, and then: is it still true?

    python -m bench.soak --minutes 10 --seed 1 --duplicate 0.2 --drop 0.15 --shuffle 5 --kill-every 30

Starts a simulator and an Earshot of its own, lets the script's traffic run while a supervisor presses buttons
and the web process is killed, freezes the world, and compares. Ends with 1 if anything is wrong.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType

import psycopg

from bench.soak_ears import Ears, Found
from bench.soak_judge import Judge
from bench.soak_presses import Presser
from bench.soak_report import Report
from tests.support.earshot import Earshot
from tests.support.prepared import prepare

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK = 0.2  # seconds between two looks whether the server lives


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done to Earshot, and for how many seconds. Rates are probabilities; 0 seconds: never."""

    seconds: float = 600.0
    seed: int = 1
    duplicate: float = 0.2
    drop: float = 0.15
    shuffle: float = 5.0
    kill_every: float = 30.0
    press_every: float = 3.0
    calls_per_minute: float = 20.0
    delivery_log: bool = True
    runs: int = 0  # of supervisions instead

    def simulator_arguments(self) -> Sequence[str]:
        options = {
            "--seed": self.seed,
            "--duplicate": self.duplicate,
            "--drop": self.drop,
            "--shuffle": self.shuffle,
            "--calls-per-minute": self.calls_per_minute,
        }
        return ["--no-traffic", *(text for name, value in options.items() for text in (name, str(value)))]


class Interrupted(Exception):
    """Somebody wants it to end."""


class NotEmpty(Exception):
    """The database has something in it, perhaps somebody's."""


class Soak:
    """One run on an Earshot whose simulator has the plan's faults and stands still."""

    def __init__(self, earshot: Earshot, plan: Plan, stop: threading.Event | None = None) -> None:
        self._earshot, self._plan, self._stop = earshot, plan, stop or threading.Event()
        self._kills, self._slowest = 0, 0.0
        self.presser = Presser(earshot, plan.seed, plan.press_every)
        self.judge = Judge(earshot, plan.shuffle, plan.delivery_log)

    def run(self) -> Report:
        self.let_loose()
        self.freeze()
        return self.report()

    def let_loose(self) -> None:
        """The traffic, the presses and the kills. Raises `Interrupted`."""
        if not self._plan.delivery_log:
            self._earshot.simulator.no_delivery_log()
        self._earshot.simulator.traffic(True)
        if self._plan.press_every:
            self.presser.start()
        try:
            self._kill_now_and_then()
        finally:
            self.presser.end()

    def _kill_now_and_then(self) -> None:
        every = self._plan.kill_every
        end, due = time.monotonic() + self._plan.seconds, time.monotonic() + every
        while (now := time.monotonic()) < end:
            if every and now >= due:
                self._kill()
                # On a machine so busy that a start takes as long, it would never live.
                due = max(due + every, time.monotonic() + every / 2)
            if self._stop.wait(LOOK):
                raise Interrupted
            if self._earshot.server.exit_code is not None:
                return

    def _kill(self) -> None:
        self._kills += 1
        killed = time.monotonic()
        self._earshot.restart(kill=True)
        self._slowest = max(self._slowest, time.monotonic() - killed)

    def freeze(self) -> None:
        """Nobody in the simulated world does anything any more; webhooks go out all the same."""
        self._earshot.simulator.traffic(False)

    def report(self) -> Report:
        """Waits until all is well, as long as that may take, and judges."""
        seconds = self.judge.wait()
        verdict = self.judge.judge()
        verdict.seconds = seconds
        late = [name for name, took in seconds.items() if took is None]
        verdict.wrong += [f"not equal in time: {name}" for name in late]
        verdict.wrong += self.presser.troubles
        answers = {f"presses answered {word}": times for word, times in self.presser.answers.items()}
        allowed = {"lists": self.judge.allowed, "everything": self.judge.allowed_for_all}
        done = {"kills": self._kills, "slowest restart, seconds": round(self._slowest, 1), **answers}
        return Report(asdict(self._plan), done, allowed, verdict)


# --- the command line ----------------------------------------------------------------------------------
def main() -> int:
    options = _options()
    stop = threading.Event()
    for one in ENDING:
        signal.signal(one, lambda number, frame: _end(stop, frame))
    folder = Path(tempfile.mkdtemp(prefix="earshot-soak-"))
    try:
        report = _soak(options, folder, stop)
    except NotEmpty as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except Interrupted:
        sys.stderr.write("Ended before its time: nothing was compared.\n")
        return 130
    _say(report.words())
    if options.report and isinstance(report, Report):
        report.write(options.report)
    if report.holds:
        shutil.rmtree(folder)
    return 0 if report.holds else 1


def _end(stop: threading.Event, frame: FrameType | None) -> None:
    # Not an exception: it could come between a process's start and its name being known.
    stop.set()


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _soak(options: argparse.Namespace, folder: Path, stop: threading.Event) -> Report | Found:
    plan = _plan(options)
    if plan.runs:
        return _supervise(plan, folder, options.database, stop)
    with _started(plan, folder, options.database) as earshot:
        _say(f"Earshot is at {earshot.url}, its log in {earshot.server.log}")
        _say(f"{plan.seconds:.0f} s of traffic, then at most a minute to compare.")
        return Soak(earshot, plan, stop).run()


def _supervise(plan: Plan, folder: Path, database: str, stop: threading.Event) -> Found:
    """Random runs of supervisions instead of a day's traffic; some webhooks come a little late or never."""
    mild = replace(plan, shuffle=min(plan.shuffle, 0.5), drop=min(plan.drop, 0.05))
    with _started(mild, folder, database) as earshot:
        _say(f"{plan.runs} runs of commands and supervisions; Earshot's log is {earshot.server.log}")
        try:
            return Ears(earshot, plan.seed, plan.runs, plan.kill_every > 0, stop).run(_say)
        finally:
            if stop.is_set():  # an interrupt ends the simulator too, and with it the log of who heard whom
                raise Interrupted


@contextmanager
def _started(plan: Plan, folder: Path, database: str) -> Iterator[Earshot]:
    url = database or f"sqlite:///{folder / 'earshot.sqlite3'}"
    _refuse_what_is_in_use(url)
    earshot = Earshot(folder, url, prepare(url), plan.simulator_arguments())
    try:
        yield earshot
    finally:
        earshot.end()


def _refuse_what_is_in_use(url: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite"):
        used = path.exists() and path.stat().st_size > 0
    else:
        tables = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'public' LIMIT 1"
        with psycopg.connect(url) as connection:
            used = connection.execute(tables).fetchone() is not None
    if used:
        raise NotEmpty("The database is not empty: give a soak a new one of its own.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench.soak", description=__doc__.splitlines()[0])
    plan = Plan()
    parser.add_argument("--minutes", type=float, default=plan.seconds / 60)
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--duplicate", type=float, default=plan.duplicate, metavar="P")
    parser.add_argument("--drop", type=float, default=plan.drop, metavar="P")
    parser.add_argument("--shuffle", type=float, default=plan.shuffle, metavar="SECONDS")
    parser.add_argument("--kill-every", type=float, default=plan.kill_every, metavar="SECONDS")
    parser.add_argument("--press-every", type=float, default=plan.press_every, metavar="SECONDS")
    parser.add_argument("--calls-per-minute", type=float, default=plan.calls_per_minute)
    parser.add_argument("--delivery-log", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--supervise", action="store_true", help="random runs of supervisions instead")
    parser.add_argument("--runs", type=int, default=500, help="of --supervise (500)")
    parser.add_argument("--database", default="", metavar="URL", help="an empty one; default: SQLite")
    parser.add_argument("--report", type=Path, metavar="FILE", help="the same as JSON")
    return parser.parse_args()


def _plan(options: argparse.Namespace) -> Plan:
    return Plan(
        seconds=options.minutes * 60,
        seed=options.seed,
        duplicate=options.duplicate,
        drop=options.drop,
        shuffle=options.shuffle,
        kill_every=options.kill_every,
        press_every=options.press_every,
        calls_per_minute=options.calls_per_minute,
        delivery_log=options.delivery_log,
        runs=options.runs if options.supervise else 0,
    )


if __name__ == "__main__":
    sys.exit(main())
