"""How many signed webhooks a second the door takes in, beside its floor, and how fast it answers.

Each round posts to the floor and then to Earshot, so that both had the same machine. A round of Earshot's
ends when everything it acknowledged is projected: that is the sustained rate.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.places import Place, databases, earshot, floor, post
from bench.posting import Outcome
from bench.results import Row, row, say


@dataclass(frozen=True)
class Load:
    """What one round posts."""

    rounds: int = 3
    count: int = 6000
    seconds: float = 3.0
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
    """The rows of one engine. Only what is answered 200 counts; nothing but 200 and 503 is right."""
    with ExitStack() as stack:
        ours, bare = stack.enter_context(databases(engine, folder))
        bare_place = stack.enter_context(floor(bare, folder))
        place = stack.enter_context(earshot(ours, folder))
        for warm in (bare_place, place):
            _post(warm, "warm", Load(1, min(300, load.count), load.seconds, load.connections))
        place.wait_until_projected()
        rounds = [_round(place, bare_place, f"round{number}", load) for number in range(load.rounds)]
    return _rows(engine, load.connections, rounds)


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
    bare = [_rate(one.bare) for one in rounds]
    ours_cpu = [1e6 * one.ours_cpu / _kept(one.ours) for one in rounds]
    bare_cpu = [1e6 * one.bare_cpu / _kept(one.bare) for one in rounds]
    return [
        row(f"Webhooks acknowledged, {engine}", [_rate(one.ours) for one in rounds], "/s", bare),
        row(f"Webhooks acknowledged and projected, {engine}", [one.sustained for one in rounds], "/s", bare),
        row(f"CPU per webhook with its projection, {engine}", ours_cpu, "µs", bare_cpu),
        row(
            f"Acknowledgement p50 with {connections} connections, {engine}",
            [one.ours.p50_ms for one in rounds],
            "ms",
            [one.bare.p50_ms for one in rounds],
        ),
        row(
            f"Acknowledgement p99 with {connections} connections, {engine}",
            [one.ours.p99_ms for one in rounds],
            "ms",
            [one.bare.p99_ms for one in rounds],
        ),
    ]
