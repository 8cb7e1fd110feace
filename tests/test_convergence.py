"""Whatever order events come in, and however often, the same rows are the end of it: in the database.

A few orders of each story; tests/test_every_order.py takes all of them, without a database.
"""

import itertools
import random
from collections.abc import Sequence

import pytest

from tests.support.stories import STORIES
from tests.support.story import forget, rows, tell, tell_at_once

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_any_order_and_any_duplicate_ends_in_the_same_rows(story: Sequence[bytes]) -> None:
    tell(story)
    truth = rows()
    orders = list(itertools.permutations(story))
    chosen = random.Random(11)
    for order in chosen.sample(orders, 4):
        forget()
        tell([*order, chosen.choice(order)])
        assert rows() == truth


def test_a_batch_gives_the_rows_that_single_events_give() -> None:
    every = [body for story in STORIES.values() for body in story]
    tell(every)
    truth = rows()
    forget()
    tell_at_once(every)
    assert rows() == truth
