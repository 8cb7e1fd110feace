"""What one event costs the projection, by how many conferences are live and how many callers wait.

    python -m bench.cost [--profile]    of a process of its own; DATABASE_URL must name an empty database

Prints one line of JSON: {"<live>": microseconds of processor time per event, without the database's own
process}. With --profile it also says which of our functions took them.
"""

import argparse
import cProfile
import json
import pstats
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path

from bench.results import ROOT, Row, ratio_at_most, row
from bench.script import Line, bodies, call, day, opening
from tests.support.environment import process_environment

SIZES = (10, 100, 1000)
EVENTS, BATCH = 600, 100
ROUNDS = 3
FLAT = ratio_at_most(1.2)


def measure(folder: Path, sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> list[Row]:
    """The rows of SQLite; the floor of each size is the smallest."""
    costs = [_run(folder / f"cost{number}.sqlite3", sizes) for number in range(rounds)]
    few = [one[str(sizes[0])] for one in costs]
    return [
        row(
            f"Projecting one event among {size:,} live conferences",
            [one[str(size)] for one in costs],
            "µs",
            few,
            FLAT,
        )
        for size in sizes
    ]


def _run(database: Path, sizes: Sequence[int]) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.cost", "--sizes", *map(str, sizes)]
    environment = process_environment(f"sqlite:///{database}")
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def main() -> None:
    asked = _arguments()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    costs = {size: _cost(size, asked.batch, asked.profile) for size in asked.sizes}
    sys.stdout.write(json.dumps(costs) + "\n")


def _cost(live: int, batch: int, profiled: bool) -> float:
    """Microseconds of this process per event with so many live conferences, and as many callers in queues."""
    run = f"cost{live}"
    standing = chain.from_iterable(_standing(run, number) for number in range(live))
    _project(bodies(standing, 9 * live), 300)
    events = bodies(day(f"{run}-day", 10), EVENTS)
    started = time.process_time()
    if profiled:
        profile = cProfile.Profile()
        profile.runcall(_project, events, batch)
        told = pstats.Stats(profile, stream=sys.stderr).sort_stats("cumtime")
        told.print_stats("/(telephony|conferences|queues)/")
    else:
        _project(events, batch)
    return round(1e6 * (time.process_time() - started) / EVENTS, 1)


def _standing(run: str, number: int) -> Iterator[Line]:
    """One conference of two, and one caller who waits."""
    yield from opening(run, number)
    yield from islice(call(f"{run}-waiting", number), 1, 3)


def _project(arrived: Sequence[bytes], batch: int) -> None:
    """Through the inbox, in batches of one size."""
    from supervisor_site.webhooks import PROJECTIONS
    from telephony.events import identity
    from telephony.projection import Arrival, project, store

    now = datetime.now(UTC)
    for start in range(0, len(arrived), batch):
        some = arrived[start : start + batch]
        store([Arrival(*_named(identity(body)), body, now) for body in some])
        while project(PROJECTIONS, batch).events:
            pass


def _named(identity: tuple[str, str]) -> tuple[str, str, str]:
    return identity[0], "webhook", identity[1]


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m bench.cost", description="Cost of one event.")
    reader.add_argument("--profile", action="store_true", help="say where the time goes")
    reader.add_argument("--batch", type=int, default=BATCH, help=f"events of one transaction ({BATCH})")
    reader.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="live conferences (10 100 1000)")
    return reader.parse_args()


if __name__ == "__main__":
    main()
