"""How many signed webhooks a second the door takes in, beside its floor, and how fast it answers.

Each round posts to every floor and then to the Earshot beside it, so that both had the same machine. A round
of Earshot's ends when everything it acknowledged is projected: that is the sustained rate.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.places import Place, daphne, databases, earshot, earshot_on_uvicorn, floor, post, uvicorn
from bench.posting import Outcome
from bench.results import Goal, Row, ratio_at_least, row, say

FLOOR = "bench.floor_app:application"
PLAIN = "bench.floor_django:application"
ACKNOWLEDGED = {"SQLite": ratio_at_least(0.8), "PostgreSQL": ratio_at_least(0.9)}
SUSTAINED = {"PostgreSQL": ratio_at_least(0.6)}
BESIDE_PLAIN = ratio_at_least(15)


@dataclass(frozen=True)
class Load:
    """What one round posts."""

    rounds: int = 3
    count: int = 6000
    seconds: float = 2.0
    connections: int = 32


@dataclass(frozen=True, slots=True)
class Round:
    """What both were answered, what it cost their processes (seconds), and our webhooks a second until the
    last of them was projected."""

    ours: Outcome
    bare: Outcome
    ours_cpu: float
    bare_cpu: float
    sustained: float


def measure(engine: str, folder: Path, load: Load) -> list[Row]:
    """The rows of one engine on daphne. Only what is answered 200 counts; else only 503 is right."""
    with databases(engine, folder) as database, _pair(database, folder, "daphne") as (place, bare):
        rounds = [_round(place, bare, f"round{number}", load) for number in _warmed(load, place, bare)]
    return _rows(engine, load.connections, rounds)


def beside_plain(folder: Path, load: Load) -> list[Row]:
    """On PostgreSQL and daphne: a plain async Django view beside Earshot."""
    with ExitStack() as stack:
        database = stack.enter_context(databases("PostgreSQL", folder))
        ours = stack.enter_context(earshot(database("earshot"), folder))
        plain = stack.enter_context(floor(database("plain"), folder, daphne(PLAIN)))
        found, floors = [], []
        for number in _warmed(load, ours, plain):
            floors.append(_rate(_post(plain, f"round{number}", load)))
            found.append(_rate(_post(ours, f"round{number}", load)))
            ours.wait_until_projected()
            say(f"  round{number}: {found[-1]:.0f}/s, plain view {floors[-1]:.0f}/s")
    name = "Webhooks acknowledged, PostgreSQL, beside a plain async Django view"
    return [row(name, found, "/s", floors, BESIDE_PLAIN)]


def on_uvicorn(folder: Path, load: Load) -> list[Row]:
    """On PostgreSQL: Earshot and the floor, both on uvicorn."""
    with databases("PostgreSQL", folder) as database, _pair(database, folder, "uvicorn") as (place, bare):
        rounds = [_round(place, bare, f"round{number}", load) for number in _warmed(load, place, bare)]
    return _rates("PostgreSQL, uvicorn", rounds)


@contextmanager
def _pair(database: Callable[[str], str], folder: Path, server: str) -> Iterator[tuple[Place, Place]]:
    """Earshot and the floor on one kind of server."""
    ours = {"daphne": earshot, "uvicorn": earshot_on_uvicorn}[server]
    command = {"daphne": daphne, "uvicorn": uvicorn}[server](FLOOR)
    with (
        floor(database(f"floor_{server}"), folder, command) as bare,
        ours(database(f"earshot_{server}"), folder) as place,
    ):
        yield place, bare


def _warmed(load: Load, *places: Place) -> range:
    """The numbers of the rounds, once each place has answered some webhooks."""
    for place in places:
        _post(place, "warm", replace(load, count=min(300, load.count)))
        if place.sessions:
            place.wait_until_projected()
    return range(load.rounds)


def _round(place: Place, bare_place: Place, run: str, load: Load) -> Round:
    bare_cpu, ours_cpu = bare_place.cpu, place.cpu
    bare = _post(bare_place, run, load)
    ours = _post(place, run, load)
    spent = max(place.wait_until_projected() - ours.started, ours.seconds)
    outcome = Round(ours, bare, place.cpu - ours_cpu, bare_place.cpu - bare_cpu, _kept(ours) / spent)
    say(f"  {run}: {_rate(ours):.0f}/s, floor {_rate(bare):.0f}/s, with projection {outcome.sustained:.0f}/s")
    return outcome


def _post(place: Place, run: str, load: Load) -> Outcome:
    outcome = post(place.url, count=load.count, seconds=load.seconds, connections=load.connections, run=run)
    assert outcome.statuses.keys() <= {200, 503}, f"{place.url} answered {outcome.statuses}"
    if busy := outcome.statuses.get(503):
        say(f"  {run}: asked to come again {busy} times, which counts as nothing")
    return outcome


def _rate(outcome: Outcome) -> float:
    return _kept(outcome) / outcome.seconds


def _kept(outcome: Outcome) -> int:
    return outcome.statuses.get(200, 0)


def _rows(engine: str, connections: int, rounds: Sequence[Round]) -> list[Row]:
    ours_cpu = [1e6 * one.ours_cpu / _kept(one.ours) for one in rounds]
    bare_cpu = [1e6 * one.bare_cpu / _kept(one.bare) for one in rounds]
    waits = f"with {connections} connections, {engine}"
    p50, p99 = [one.ours.p50_ms for one in rounds], [one.ours.p99_ms for one in rounds]
    bare_p50, bare_p99 = [one.bare.p50_ms for one in rounds], [one.bare.p99_ms for one in rounds]
    return [
        *_rates(engine, rounds, ACKNOWLEDGED[engine], SUSTAINED.get(engine)),
        row(f"CPU per webhook with its projection, {engine}", ours_cpu, "µs", bare_cpu),
        row(f"Acknowledgement p50 {waits}", p50, "ms", bare_p50),
        row(f"Acknowledgement p99 {waits}", p99, "ms", bare_p99),
    ]


def _rates(
    where: str, rounds: Sequence[Round], acknowledged: Goal | None = None, sustained: Goal | None = None
) -> list[Row]:
    bare = [_rate(one.bare) for one in rounds]
    whole = [one.sustained for one in rounds]
    return [
        row(f"Webhooks acknowledged, {where}", [_rate(one.ours) for one in rounds], "/s", bare, acknowledged),
        row(f"Webhooks acknowledged and projected, {where}", whole, "/s", bare, sustained),
    ]
