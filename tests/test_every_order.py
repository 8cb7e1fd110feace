"""Every order of every story, with any number of repetitions of any event, ends in the same rows.

Not by trying them: there are millions. For each set of events of a story, whichever of them came last, the
state must be the same; then, by induction, each order of a set ends in one state. And an event that is in
the set already must change nothing; then so does any repetition at any place. `state` is all that a later
event can depend on, and the rows are made of nothing else.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations, permutations

import pytest

from telephony.events import Event, parse
from tests.support.in_memory import Memory
from tests.support.reference import Reference
from tests.support.stories import STORIES
from tests.support.story import source_of
from tests.support.telling import agrees

RECEIVED = datetime(2026, 11, 23, 12, 1, tzinfo=UTC)


def read(story: Sequence[bytes]) -> list[Event]:
    return [parse(body, source=source_of(body), received_at=RECEIVED) for body in story]


def after(memory: Memory, event: Event) -> Memory:
    following = memory.copy()
    following.take([event])
    return following


def sets(events: Sequence[Event]) -> Iterator[frozenset[int]]:
    for size in range(1, len(events) + 1):
        yield from map(frozenset, combinations(range(len(events)), size))


@pytest.mark.parametrize("name", STORIES)
def test_every_order_and_every_repetition(name: str) -> None:
    events = read(STORIES[name])
    reached = {frozenset[int](): Memory()}
    for chosen in sets(events):
        ways = [after(reached[chosen - {last}], events[last]) for last in sorted(chosen)]
        assert all(way.state() == ways[0].state() for way in ways), sorted(events[n].id for n in chosen)
        again = ways[0].copy()
        again.take(events[n] for n in chosen)
        assert again.state() == ways[0].state()
        reached[chosen] = ways[0]
    agrees(reached[frozenset(range(len(events)))], Reference(events))


def test_the_shortcut_finds_what_trying_finds() -> None:
    """One story in each of its orders, with each event once more at the end: the long way, for comparison."""
    events = read(STORIES["kept in the queue after hanging up"])
    whole = Memory()
    whole.take(events)
    for order in permutations(events):
        memory = Memory()
        memory.take([*order, order[0]])
        assert memory.rows() == whole.rows()
