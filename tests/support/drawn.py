"""Long sets of cases: all of them if ALL_CASES is set (`make faults`), else some, the same in every run."""

import os
import random
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")
ALL = bool(os.environ.get("ALL_CASES"))


def drawn(cases: Iterable[T], count: int) -> Sequence[T]:
    """So many of the cases, in their own order; the first and the last among them."""
    every = list(cases)
    if ALL or len(every) <= count:
        return every
    chosen = random.Random(11).sample(range(1, len(every) - 1), count - 2)
    return [every[place] for place in (0, *sorted(chosen), len(every) - 1)]
