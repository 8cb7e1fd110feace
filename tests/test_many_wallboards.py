"""Many wallboards that show the same queues cost a change little more than one does."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.signals import template_rendered
from django.test.utils import CaptureQueriesContext

from dashboard.boards import Audience
from dashboard.models import Team, TeamQueue
from dashboard.reader import TOGETHER_SECONDS, Reader, once, one_pass
from dashboard.roles import Action
from queues.models import Queue
from tests.support.people import SALES, Cast
from tests.test_wallboards import CLAIMS, board, waits
from wallboards import show
from wallboards.live import OneWallboard
from wallboards.models import Wallboard

ALL = Audience(frozenset(Action))
MOST_QUERIES = 20


class Walls:
    """So many wallboards with the same two queues, each watched; `change` has one more caller wait."""

    def __init__(self, count: int) -> None:
        self._live = OneWallboard(lambda: {"version": 0, "since": None, "every": None}, ("heard", ""))
        queues = [Queue.objects.create(name=name) for name in (CLAIMS, SALES)]
        self.keys = [str(board(*queues, name=f"Wall {number}").pk) for number in range(count)]
        for key in self.keys:
            self._live.snapshot(ALL, key)

    def push(self, audience: Audience = ALL) -> list[str]:
        """The html that each is sent after a change of one queue, all in one pass."""
        with one_pass():
            return [self._sent(key, audience) for key in self.keys]

    def allows(self, key: str) -> bool:
        with one_pass():
            return self._live.allowed(ALL, key)

    def _sent(self, key: str, audience: Audience) -> str:
        assert self._live.allowed(audience, key)
        (figures,) = self._live.changed(audience, key, {("queue", CLAIMS)})
        assert (figures.id, figures.version) in self._live.versions(audience, key)
        return str(figures.html)


@contextmanager
def rendered() -> Iterator[Counter[str]]:
    """How often each template is rendered meanwhile."""
    found: Counter[str] = Counter()

    def count(template: Any, **known: Any) -> None:
        found[template.name] += 1

    template_rendered.connect(count)
    try:
        yield found
    finally:
        template_rendered.disconnect(count)


@pytest.mark.parametrize("teams", ["all teams", "one team"])
@pytest.mark.django_db
def test_a_change_is_read_and_drawn_once_for_all(teams: str) -> None:
    walls = Walls(30)
    team = Team.objects.create(name="Claims")
    TeamQueue.objects.create(team=team, queue_name=CLAIMS)
    audience = ALL if teams == "all teams" else Audience(ALL.actions, frozenset({team.pk}))
    walls.push(audience)
    waits(CLAIMS, 5)
    with CaptureQueriesContext(connection) as asked, rendered() as drawn:
        sent = walls.push(audience)
    assert len(set(sent)) == 30
    assert (drawn["wallboards/_row.html"], drawn["wallboards/_body.html"]) == (1, 1)
    assert len(asked) <= MOST_QUERIES, [query["sql"] for query in asked]
    assert not [query["sql"] for query in asked if "wallboards_row" in query["sql"]]  # no wallboard changed


@pytest.mark.django_db
def test_a_wallboard_that_was_changed_or_deleted_meanwhile_is_not_as_it_was() -> None:
    walls = Walls(3)
    changed, gone, same = walls.keys
    before = walls.push()
    Wallboard.objects.filter(pk=changed).update(layout="large", version=2)
    Wallboard.objects.filter(pk=gone).delete()
    walls.keys = [changed, same]
    after = walls.push()
    assert '<table class="wall-table">' in before[0]
    assert ("as-large" in after[0], after[1]) == (True, before[2])
    assert not walls.allows(gone)


@pytest.mark.django_db
def test_what_is_kept_of_a_queue_is_no_other_boards_look(cast: Cast) -> None:
    claims = Queue.objects.create(name=CLAIMS)
    looks: list[dict[str, Any]] = [
        {"metrics": ["waiting", "service"]},
        {"metrics": ["service", "waiting"]},
        {"layout": "large", "metrics": ["waiting", "service"]},
        {"layout": "large", "metrics": ["waiting", "service"], "shows_callers": True},
    ]
    waits(CLAIMS, 5)
    found = set[str]()
    for number, look in enumerate(looks):
        made = board(claims, name=f"Wall {number}", **look)
        found.update(show.wall(made, None).parts)
    assert len(found) == len(looks)


class Occupied:
    """A reader that is busy, so that what is asked of it now is one pass, begun by `let_go`."""

    def __init__(self) -> None:
        self.reader, self._begun, self._free = Reader(), threading.Event(), threading.Event()
        self._work: asyncio.Future[None]

    async def __aenter__(self) -> "Occupied":
        self._work = asyncio.ensure_future(self.reader.run(self._occupy))
        assert await asyncio.to_thread(self._begun.wait, 15)
        return self

    async def __aexit__(self, *trouble: object) -> None:
        await self._work
        await self.reader.close()

    def ask(self, read: Callable[..., Any], *args: Any) -> "asyncio.Task[Any]":
        return asyncio.ensure_future(self.reader.run(read, *args))

    def let_go(self) -> None:
        asyncio.get_running_loop().call_soon(self._free.set)  # after each of them has asked

    def _occupy(self) -> None:
        self._begun.set()
        assert self._free.wait(15)


async def test_what_waits_together_shares_what_is_read_and_who_asks_later_does_not() -> None:
    numbers = iter(range(9))

    def look() -> int:
        return once("number", lambda: next(numbers))

    async with Occupied() as busy:
        together = [busy.ask(look) for _ in range(5)]
        busy.let_go()
        assert await asyncio.gather(*together) == [0] * 5
        assert await busy.ask(look) == 1
        assert [look(), look()] == [2, 3]  # outside of a pass nothing is shared


async def test_a_read_that_fails_fails_alone() -> None:
    async with Occupied() as busy:
        asked = [busy.ask(int, text) for text in ("1", "one", "2")]
        busy.let_go()
        one, problem, two = await asyncio.gather(*asked, return_exceptions=True)
        assert (one, type(problem), two) == (1, ValueError, 2)


async def test_who_goes_before_their_answer_comes_takes_nobody_elses_along() -> None:
    async with Occupied() as busy:
        asked = [busy.ask(int, text) for text in ("1", "2", "3")]
        await asyncio.sleep(0)
        asked[1].cancel()
        busy.let_go()
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert [one if isinstance(one, int) else type(one) for one in found] == [1, asyncio.CancelledError, 3]


async def test_an_answer_waits_for_the_others_of_its_pass_only_a_moment() -> None:
    moment, answered = threading.Event(), threading.Event()
    async with Occupied() as busy:
        first, last = busy.ask(moment.wait, TOGETHER_SECONDS), busy.ask(answered.wait, 15)
        busy.let_go()
        await first
        answered.set()
        assert await last
