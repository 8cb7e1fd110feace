"""What was measured: printed, kept in `bench/results.json`, and put into the table of docs/benchmarks.md."""

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS, DOCUMENT = ROOT / "bench" / "results.json", ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `floor` is what the floor reached in the same run, `ratio` ours as a part of it."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None


def row(name: str, values: Sequence[float], unit: str, floors: Sequence[float] = ()) -> Row:
    """The median of several rounds, beside that of their floors; the ratio is the rounds' own median."""
    value = statistics.median(values)
    if not floors:
        return Row(name, _short(value), unit)
    ratio = statistics.median(ours / floor for ours, floor in zip(values, floors, strict=True))
    return Row(name, _short(value), unit, _short(statistics.median(floors)), round(ratio, 2))


def _short(value: float) -> float:
    return round(value, 1) if value < 100 else round(value)


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def keep(rows: Sequence[Row], circumstances: str, results: Path = RESULTS, document: Path = DOCUMENT) -> None:
    """Write both files. The document is left as it is around its two marker lines."""
    results.write_text(json.dumps([asdict(one) for one in rows], indent=2) + "\n")
    before, _, rest = document.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    lines = [circumstances, "", *table(rows)]
    document.write_text("\n".join([before + BEGIN, "", *lines, "", END + after]))


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The figures in Markdown."""
    yield "| what | Earshot | floor | ratio |"
    yield "|---|---:|---:|---:|"
    for one in rows:
        floor = "–" if one.floor is None else f"{one.floor:,g} {one.unit}"
        ratio = "–" if one.ratio is None else f"{one.ratio:.2f} ×"
        yield f"| {one.name} | {one.value:,g} {one.unit} | {floor} | {ratio} |"


def timed(words: str, act: Callable[[], list[Row]]) -> list[Row]:
    """Say what is measured and what came out."""
    say(f"\n{words}")
    rows = act()
    for line in table(rows):
        say(line)
    return rows


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
