"""What was measured: printed, kept in `bench/results.json`, and put into the table of docs/benchmarks.md."""

import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS, DOCUMENT = ROOT / "bench" / "results.json", ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `floor` is what the floor reached in the same run, `ratio` ours as a part of it.

    `value` None: it could not be measured, and `unit` says why. `goal` is in words; without one `reached`
    is None.
    """

    name: str
    value: float | None
    unit: str
    floor: float | None = None
    ratio: float | None = None
    goal: str = ""
    reached: bool | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    words: str
    holds: Callable[[Row], bool]


def ratio_at_least(least: float) -> Goal:
    return Goal(f"≥ {least:g} ×", lambda one: one.ratio is not None and one.ratio >= least)


def ratio_at_most(most: float) -> Goal:
    return Goal(f"≤ {most:g} ×", lambda one: one.ratio is not None and one.ratio <= most)


def at_most(most: float, unit: str) -> Goal:
    return Goal(f"≤ {most:g} {unit}", lambda one: one.value is not None and one.value <= most)


def row(
    name: str, values: Sequence[float], unit: str, floors: Sequence[float] = (), goal: Goal | None = None
) -> Row:
    """The median of several rounds, beside that of their floors; the ratio is the rounds' own median."""
    one = Row(name, _short(statistics.median(values)), unit)
    if floors:
        ratio = statistics.median(ours / floor for ours, floor in zip(values, floors, strict=True))
        one = replace(one, floor=_short(statistics.median(floors)), ratio=round(ratio, 2))
    return replace(one, goal=goal.words, reached=goal.holds(one)) if goal else one


def failed(name: str, problem: BaseException) -> Row:
    """What stands in the table for rows that could not be measured."""
    words = (str(problem).strip() or type(problem).__name__).splitlines()[0]
    return Row(name, None, f"failed: {words[:120]}")


def _short(value: float) -> float:
    return round(value, 1) if value < 100 else round(value)


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def keep(rows: Sequence[Row], circumstances: str, results: Path = RESULTS, document: Path = DOCUMENT) -> None:
    """Write both files. The document is left as it is around its two marker lines."""
    results.write_text(json.dumps([_kept(one) for one in rows], indent=2) + "\n")
    before, _, rest = document.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    lines = [circumstances, "", *table(rows)]
    document.write_text("\n".join([before + BEGIN, "", *lines, "", END + after]))


def _kept(one: Row) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name not in {"goal", "reached"}}


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The figures in Markdown."""
    yield "| what | Earshot | floor | ratio | goal | |"
    yield "|---|---:|---:|---:|---:|---|"
    for one in rows:
        value = one.unit if one.value is None else f"{one.value:,g} {one.unit}"
        floor = "–" if one.floor is None else f"{one.floor:,g} {one.unit}"
        ratio = "–" if one.ratio is None else f"{one.ratio:.2f} ×"
        outcome = {None: "", True: "reached", False: "**missed**"}[one.reached]
        yield f"| {one.name} | {value} | {floor} | {ratio} | {one.goal or '–'} | {outcome} |"


def timed(words: str, act: Callable[[], list[Row]], within: float) -> list[Row]:
    """Say what is measured and what came out. What fails or takes too long is a row that says so."""
    say(f"\n{words}")
    started = time.monotonic()
    try:
        with _limit(within):
            rows = act()
    except Exception as problem:
        traceback.print_exc()
        rows = [failed(words, problem)]
    for line in table(rows):
        say(line)
    say(f"  ({time.monotonic() - started:.0f} s)")
    return rows


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Raises TimeoutError in the main thread, wherever it waits."""

    def ring(number: int, frame: object) -> None:
        raise TimeoutError(f"not done after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def allow_many_sockets() -> None:
    """Each of some thousand sockets is a descriptor here and one in its server, which inherits this."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def folder() -> Iterator[Path]:
    """PostgreSQL runs as a user of its own when this runs as root, and must find its way in."""
    with tempfile.TemporaryDirectory(prefix="earshot-bench-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def circumstances(load: tuple[float, float, float]) -> str:
    """Machine, commit and load in one sentence; `load` from before the run, which is a load itself."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    memory = int(next(iter(_lines("/proc/meminfo"))).split()[1]) // 1024**2
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y %H:%M} UTC at commit `{_commit()}`: {os.cpu_count()} CPUs"
        f" ({cpu}), {memory} GiB, Python {platform.python_version()}; the machine's load average before it:"
        f" {load[0]:.2f}, {load[1]:.2f}, {load[2]:.2f}."
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def _commit() -> str:
    """Short; with a plus sign when the files are not those of the commit."""
    named = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True
    )
    return named.stdout.strip() or "unknown"
