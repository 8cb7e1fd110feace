"""`make bench`: every figure beside its floor in the same run. `python -m bench --help` for less or more."""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench import calling, cost, door, latency
from bench.places import ENGINES
from bench.results import DOCUMENT, RESULTS, Row, circumstances, keep, say, timed


def main() -> None:
    asked = _arguments()
    load = os.getloadavg()
    rows = measure(
        door.Load(rounds=asked.rounds, count=asked.count),
        latency.Watch(samples=asked.samples),
        calling.Presses(asked.presses),
    )
    keep(rows, circumstances(load), asked.results, asked.document)
    say(f"\nWritten to {asked.results} and {asked.document}")


def measure(load: door.Load, watch: latency.Watch, presses: calling.Presses) -> list[Row]:
    rows: list[Row] = []
    for engine in ENGINES:
        with _folder() as folder:
            rows += timed(f"The door on {engine}", partial(door.measure, engine, folder, load))
    for engine in ENGINES:
        with _folder() as folder:
            rows += timed(f"Webhook to socket on {engine}", partial(latency.measure, engine, folder, watch))
    for engine in ENGINES:
        with _folder() as folder:
            act = partial(calling.measure, engine, folder, presses)
            rows += timed(f"Press to Calling on {engine}", act)
    with _folder() as folder:
        rows += timed("An event among few and many conferences", partial(cost.measure, folder))
    return rows


@contextmanager
def _folder() -> Iterator[Path]:
    """PostgreSQL runs as a user of its own when this runs as root, and must find its way in."""
    with tempfile.TemporaryDirectory(prefix="earshot-bench-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m bench", description="Measures Earshot on this machine.")
    reader.add_argument("--rounds", type=int, default=3, help="rounds of each measurement of the door (3)")
    reader.add_argument("--count", type=int, default=6000, help="webhooks of a round at most (6000)")
    reader.add_argument("--samples", type=int, default=60, help="changes watched at each rate (60)")
    reader.add_argument("--presses", type=int, default=40, help="presses of Listen watched (40)")
    reader.add_argument("--results", type=Path, default=RESULTS, help="where the figures go")
    reader.add_argument("--document", type=Path, default=DOCUMENT, help="the page with their table")
    return reader.parse_args()


if __name__ == "__main__":
    main()
