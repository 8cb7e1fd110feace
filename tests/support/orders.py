"""The same events in one order after another, some of them twice: what each ends in."""

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

from tests.support.drawn import drawn
from tests.support.story import tell, tell_at_once

Record = dict[str, Any]


def in_any_order(
    bodies: Sequence[bytes], blank: Callable[[], None], record: Callable[[], Record], count: int = 10
) -> list[Record]:
    """The record after each order (so many, all of them in `make faults`), told one by one with two repeated,
    or all at once with one repeated. `blank` makes all as if nothing had been told."""
    found = []
    for number, order in enumerate(drawn(permutations(bodies), count)):
        blank()
        tell([*order, *order[:2]]) if number % 2 else tell_at_once([*order, order[-1]])
        found.append(record())
    return found
