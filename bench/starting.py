"""From the command of `make demo` to a floor on which calls move, for somebody who signs in meanwhile."""

import sys
import time
from pathlib import Path

from bench.results import Row, at_most, row
from tests.support.demo import sees_a_call
from tests.support.environment import ROOT
from tests.support.processes import Process, free_port

STARTS = 3
SOON = at_most(15, "s")


def measure(folder: Path) -> list[Row]:
    took = [started(folder / str(number)) for number in range(STARTS)]
    return [row("make demo, packages installed, to a call on the floor", took, "s", goal=SOON)]


def started(folder: Path) -> float:
    """Seconds from the command to a conference on the supervisor's floor."""
    folder.mkdir()
    port, begun = free_port(), time.perf_counter()
    command = [sys.executable, "scripts/demo.py", "--folder", str(folder / "demo"), "--port", str(port)]
    demo = Process([*command, "--sim-port", str(free_port())], folder / "out", folder=ROOT)
    try:
        sees_a_call(demo, port).close()
        return time.perf_counter() - begun
    finally:
        demo.end(within=60)
