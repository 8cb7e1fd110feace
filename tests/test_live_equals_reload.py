"""The guard itself: `live_equals_reload` must fail whenever the pushes and a reload differ."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.support.live_page import live_equals_reload
from tests.support.page import Page
from tests.support.sites import Socket

Row = tuple[str, int, str]
Change = Callable[["Floor"], None]
A, B = ("a", 1, "Ann waits"), ("b", 1, "Ben waits")


def row_html(row: Row) -> str:
    return f'<tr id="{row[0]}" data-version="{row[1]}"><td>{row[2]}</td></tr>'


class Floor:
    """A site with one list of rows, and a socket that pushes what a test tells it to."""

    def __init__(self, *rows: Row) -> None:
        self.rows = {row[0]: row for row in rows}
        self.heading = "Waiting"
        self.loads = 0
        self._sent: asyncio.Queue[str] = asyncio.Queue()

    async def get(self, path: str, session: str) -> str:
        self.loads += 1
        rows = "\n ".join(row_html(row) for row in self.rows.values())
        return f"""<!doctype html><html><body data-live-scopes="floor" data-now="{self.loads}">
            <h1>{self.heading}</h1><img src="x"><table><tbody data-list="rows">{rows}</tbody></table>
            </body></html>"""

    @asynccontextmanager
    async def live(self, session: str) -> AsyncIterator[Socket]:
        yield self

    async def send(self, text: str) -> None:
        assert json.loads(text) == {"watch": ["floor"]}
        self.push("snapshot", *self.rows.values())

    async def receive(self) -> str:
        return await self._sent.get()

    def push(self, kind: str, *rows: Row) -> None:
        fragments = [{"id": r[0], "list": "rows", "version": r[1], "html": row_html(r)} for r in rows]
        self._put({"type": kind, "scope": "floor", "fragments": fragments})

    def push_gone(self, fragment_id: str, version: int) -> None:
        gone = {"id": fragment_id, "list": "rows", "version": version, "html": None}
        self._put({"type": "fragments", "scope": "floor", "fragments": [gone]})

    def _put(self, message: dict[str, object]) -> None:
        self._sent.put_nowait(json.dumps(message))


async def check(floor: Floor, change: Change) -> Page:
    async def act() -> None:
        change(floor)

    return await live_equals_reload(floor, "session", "/floor/", act, within=0.3)


def changed_and_pushed(floor: Floor) -> None:
    floor.rows["a"] = ("a", 2, "Ann talks")
    floor.push("fragments", floor.rows["a"])


def arrived_and_pushed(floor: Floor) -> None:
    # The page sorts in the browser, so the place of a pushed row does not count.
    floor.rows = {"c": ("c", 1, "Cid waits")} | floor.rows
    floor.push("fragments", floor.rows["c"])


def gone_and_pushed(floor: Floor) -> None:
    del floor.rows["a"]
    floor.push_gone("a", 2)


def changed_and_an_older_one_pushed_after(floor: Floor) -> None:
    changed_and_pushed(floor)
    floor.push("fragments", A)


def gone_and_an_older_one_pushed_after(floor: Floor) -> None:
    gone_and_pushed(floor)
    floor.push("fragments", A)


def gone_by_a_snapshot(floor: Floor) -> None:
    del floor.rows["a"]
    floor.push("snapshot", *floor.rows.values())


@pytest.mark.parametrize(
    "change",
    [
        changed_and_pushed,
        arrived_and_pushed,
        gone_and_pushed,
        changed_and_an_older_one_pushed_after,
        gone_and_an_older_one_pushed_after,
        gone_by_a_snapshot,
    ],
)
async def test_it_holds(change: Change) -> None:
    await check(Floor(A, B), change)


def changed_and_forgotten(floor: Floor) -> None:
    floor.rows["a"] = ("a", 2, "Ann talks")


def pushed_with_other_words(floor: Floor) -> None:
    floor.rows["a"] = ("a", 2, "Ann talks")
    floor.push("fragments", ("a", 2, "Ann talked"))


def pushed_without_a_new_version(floor: Floor) -> None:
    floor.rows["a"] = ("a", 2, "Ann talks")
    floor.push("fragments", ("a", 0, "Ann talks"))


def gone_and_forgotten(floor: Floor) -> None:
    del floor.rows["a"]


def changed_outside_the_fragments(floor: Floor) -> None:
    changed_and_pushed(floor)
    floor.heading = "Nobody waits"


@pytest.mark.parametrize(
    "change",
    [
        changed_and_forgotten,
        pushed_with_other_words,
        pushed_without_a_new_version,
        gone_and_forgotten,
        changed_outside_the_fragments,
    ],
)
async def test_it_fails(change: Change) -> None:
    with pytest.raises(AssertionError, match="is not what a reload shows"):
        await check(Floor(A, B), change)


async def test_it_fails_when_nothing_changes() -> None:
    with pytest.raises(AssertionError, match="never showed"):
        await check(Floor(A, B), lambda floor: None)


async def test_it_fails_when_the_first_snapshot_is_not_the_page() -> None:
    class Late(Floor):
        async def send(self, text: str) -> None:
            self.push("snapshot", A)

    with pytest.raises(AssertionError, match="is not what a reload shows"):
        await check(Late(A, B), changed_and_pushed)
