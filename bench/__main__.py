"""`make bench`: every figure beside its floor in the same run. `python -m bench --help` for less or more."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from pathlib import Path

from bench import (
    calling,
    cost,
    door,
    fanout,
    latency,
    memory,
    pixels,
    processes,
    soaking,
    starting,
    storm,
    walls,
)
from bench.places import ENGINES
from bench.results import (
    DOCUMENT,
    RESULTS,
    Row,
    allow_many_sockets,
    circumstances,
    folder,
    keep,
    say,
    timed,
)

Measurement = tuple[str, Callable[[Path], list[Row]]]
WITHIN, LONG_WITHIN = 90.0, 300.0  # seconds of one measurement before it counts as failed
ALL_WITHIN = 780.0  # seconds of a short run; on a machine too slow for it the last rows say that they failed


def main() -> None:
    asked = _arguments()
    load = os.getloadavg()
    allow_many_sockets()
    chosen = [one for one in measurements(asked.long, asked.minutes) if asked.only in one[0]]
    if asked.long:
        rows = measure(chosen, LONG_WITHIN + 60 * asked.minutes, inf)
    else:
        rows = measure(chosen, WITHIN, ALL_WITHIN)
    if not asked.only:
        keep(rows, circumstances(load), asked.results, asked.document)
        say(f"\nWritten to {asked.results} and {asked.document}")
    missed, broken = [one for one in rows if one.reached is False], [one for one in rows if one.value is None]
    say(f"{sum(bool(one.reached) for one in rows)} goals reached, {len(missed)} missed, {len(broken)} failed")
    sys.exit(1 if broken else 0)


def measurements(long: bool, minutes: float) -> list[Measurement]:
    """What is measured, in order. Each is given an empty folder and runs servers of its own."""
    load = door.Load(5, 20_000, 8.0) if long else door.Load()
    crowds = fanout.Crowds(rounds=5, seconds=1.5) if long else fanout.Crowds()
    watch = latency.Watch(seconds=20.0, alone=40) if long else latency.Watch()
    short: list[Measurement] = [
        *[(f"The door on {one}", partial(_in, door.measure, one, load)) for one in reversed(ENGINES)],
        ("The door beside a plain Django view", lambda folder: door.beside_plain(folder, load)),
        *[
            (f"Deliveries to {size:,} sockets", partial(_in, fanout.measure, size, crowds))
            for size in fanout.SIZES
        ],
        ("Webhook to socket on daphne", partial(_in, latency.measure, "daphne", watch)),
        ("Webhook to pixels", lambda folder: pixels.measure(folder, pixels.Screen())),
        ("Who does not read", lambda folder: memory.measure(folder, memory.Stuck())),
        ("An event among few and many conferences", cost.measure),
        ("Two web processes", lambda folder: processes.measure(folder, processes.Shared())),
        ("Two hundred wallboards", lambda folder: walls.measure(folder, walls.Walls())),
        ("Press to Calling", lambda folder: calling.measure("PostgreSQL", folder, calling.Presses())),
        ("From make demo to a call on the floor", starting.measure),
        # Last: a slow machine may have no time left for them, and people run daphne.
        ("Webhook to socket on uvicorn", partial(_in, latency.measure, "uvicorn", watch)),
        ("The door on uvicorn", lambda folder: door.on_uvicorn(folder, load)),
    ]
    if not long:
        return short
    return [
        *short,
        ("Reconnect storm", lambda folder: storm.measure_storm(folder, storm.Storm())),
        ("Malformed frames", lambda folder: storm.measure_frames(folder, storm.Frames())),
        ("Full load", lambda folder: soaking.measure(folder, soaking.Load(minutes))),
    ]


def _in(act: Callable[..., list[Row]], where: object, asked: object, folder: Path) -> list[Row]:
    return act(where, folder, asked)


def measure(chosen: Sequence[Measurement], within: float, all_within: float) -> list[Row]:
    """The rows of each; `within`: seconds of one, `all_within`: of all. What fails is a row that says so."""
    rows, end = list[Row](), time.monotonic() + all_within
    for words, act in chosen:
        with folder() as empty:
            # A timer of no seconds would never ring.
            rows += timed(words, partial(act, empty), max(0.001, min(within, end - time.monotonic())))
    return rows


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m bench", description="Measures Earshot on this machine.")
    reader.add_argument("--long", action="store_true", help="longer rounds, and the memory under full load")
    reader.add_argument("--minutes", type=float, default=30.0, help="of full load, with --long (30)")
    reader.add_argument(
        "--only", default="", help="what is measured has this in its name; nothing is written"
    )
    reader.add_argument("--results", type=Path, default=RESULTS, help="where the figures go")
    reader.add_argument("--document", type=Path, default=DOCUMENT, help="the page with their table")
    return reader.parse_args()


if __name__ == "__main__":
    main()
