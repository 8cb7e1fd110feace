"""The hub: reads what changed once, renders it once for each audience, and gives it to every socket.

Truth is the database. A poke only says where to look, so a lost, doubled or late one harms nothing, and the
beat looks everywhere every 5 s.
"""

import asyncio
import contextlib
import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard import layer
from dashboard.boards import Audience, Board, Fragment, Personal
from dashboard.frames import Beat
from dashboard.mailbox import Mailbox
from dashboard.place import NOT_ALLOWED, Counts, Place
from dashboard.reader import Reader, once, trace_of
from dashboard.viewers import PEOPLE, Entrance, Person, Viewer
from telephony.projection import Change

__all__ = ["DOUBTED", "Audience", "Board", "Change", "Fragment", "Hub", "Sitting", "hub"]

logger = logging.getLogger("earshot.live")
MOST_SCOPES = 20
# Somebody's right has ended: who is behind each socket is read at once, not at the next beat.
DOUBTED: Change = ("viewers", "all")


class BadRequest(Exception):
    """A browser asked for something that our page never asks for."""


@dataclass(eq=False, slots=True)
class Sitting:
    """One open socket: whose it is (behind `key`, the value of the entrance's cookie), what it watches, what
    waits for it."""

    entrance: Entrance
    key: str
    viewer: Viewer
    mailbox: Mailbox = field(default_factory=Mailbox)
    scopes: set[str] = field(default_factory=set)


class Hub:
    """One for each process; it starts with the first socket, on that socket's event loop.

    `gap` and `every` are seconds: between two reads of one scope, and between two beats.
    """

    def __init__(self, boards: Sequence[Board] = (), gap: float = 0.1, every: float = 5.0) -> None:
        self.counts = Counts()
        self.reader = Reader()
        self._boards: dict[str, Board] = {}
        self._gap, self._every = gap, every
        self._sittings: set[Sitting] = set()
        self._arriving: dict[Entrance, Counter[str]] = defaultdict(Counter)
        self._places: dict[str, Place] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._failing = False
        self._heard: set[Change] = set()
        self._doubt = asyncio.Event()
        self._lock = threading.Lock()
        self.install(boards)

    def install(self, boards: Sequence[Board]) -> None:
        self._boards |= {board.kind: board for board in boards}

    # --- from any thread --------------------------------------------------------------------------------
    def hear(self, changes: Iterable[Change]) -> None:
        """Something changed. Never blocks, never raises; without an open socket it is forgotten."""
        loop = self._loop
        if loop is None:
            return
        with self._lock:
            asleep = not self._heard
            self._heard |= set(changes)
        if asleep and self._heard:
            # RuntimeError: the loop has just been closed, and its sockets with it.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._spread)

    def behind(self, seconds: float) -> int:
        """How many pages something has waited for that long: their browsers do not keep up."""
        return sum(sitting.mailbox.waits(seconds) for sitting in [*self._sittings])

    def watched(self) -> Counter[str]:
        """How many pages look at each kind of scope. From any thread."""
        return Counter(
            scope.partition(":")[0] for sitting in [*self._sittings] for scope in [*sitting.scopes]
        )

    def looked_at(self) -> set[str]:
        """What pages of one thing show: the last part of their scopes. From any thread."""
        return {
            scope.rpartition(":")[2]
            for sitting in [*self._sittings]
            for scope in [*sitting.scopes]
            if ":" in scope
        }

    # --- on the event loop ------------------------------------------------------------------------------
    async def admit(self, key: str, entrance: Entrance = PEOPLE) -> Sitting | None:
        """Reads whose cookie this is; None when it is nobody's. Raises what the database raises."""
        viewer = await self._viewer(key, entrance)
        if viewer is None:
            return None
        self._start()
        sitting = Sitting(entrance, key, viewer)
        self._sittings.add(sitting)
        self.counts.sockets = len(self._sittings)
        return sitting

    async def _viewer(self, key: str, entrance: Entrance) -> Viewer | None:
        """After a restart thousands come at once: all that wait for the same read are looked up in it."""
        arriving = self._arriving[entrance]
        arriving[key] += 1
        try:
            found = await self.reader.run(_arrived, entrance, arriving)
        finally:
            arriving[key] -= 1
            if not arriving[key]:
                del arriving[key]
        return found.get(key)

    def watch(self, sitting: Sitting, scope: str) -> None:
        """Sends the whole scope, then its changes; again when it is watched already. Raises BadRequest."""
        board = self._boards.get(scope.partition(":")[0])
        if board is None or len(sitting.scopes | {scope}) > MOST_SCOPES:
            raise BadRequest(scope)
        if not _may_ask(sitting.viewer, board, scope):
            raise BadRequest(scope)
        if scope not in self._places:
            self._places[scope] = Place(scope, board, self.reader, self.counts, self._gap)
        sitting.scopes.add(scope)
        self._places[scope].watch(sitting.mailbox, sitting.viewer.audience)

    def unwatch(self, sitting: Sitting, scope: str) -> None:
        sitting.scopes.discard(scope)
        if place := self._places.get(scope):
            place.leave(sitting.mailbox)
            if not place.screens:
                place.stop()
                del self._places[scope]

    async def leave(self, sitting: Sitting) -> None:
        """The socket is gone. With the last one the database connection is given back."""
        for scope in [*sitting.scopes]:
            self.unwatch(sitting, scope)
        self._sittings.discard(sitting)
        self.counts.sockets = len(self._sittings)
        if not self._sittings:
            await self.reader.close()

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        # Another loop than before: what belonged to the old one ended with it.
        self._loop, self._sittings, self._places, self._heard = loop, set(), {}, set()
        self._doubt = asyncio.Event()
        self._tasks = [loop.create_task(self._beats()), loop.create_task(self._doubts())]
        if layer.shared():
            self._tasks.append(loop.create_task(layer.listen(self._hear_others)))

    def _hear_others(self, changes: set[Change]) -> None:
        if DOUBTED in changes:
            self._doubt.set()
        for place in self._places.values():
            place.hear(changes)

    def _spread(self) -> None:
        with self._lock:
            heard, self._heard = self._heard, set()
        self._hear_others(heard)

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self._try(self._beat)

    async def _doubts(self) -> None:
        """Between two beats; what is told while it reads is read once more."""
        while True:
            await self._doubt.wait()
            self._doubt.clear()
            await self._try(self._recheck)
            await asyncio.sleep(self._gap)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
            self._failing = False
        except Exception as problem:
            # Without the database there is no beat, and the pages say that they are stale.
            if not self._failing:
                words = "No beat for the live pages, trying again: %s"
                logger.error(words, problem, exc_info=trace_of(problem))
            self._failing = True

    async def _beat(self) -> None:
        if not self._sittings:
            return
        await self._recheck()
        for place in self._places.values():
            place.beat()
        for sitting in self._sittings:
            if not sitting.scopes:
                sitting.mailbox.put_beat(Beat({}))

    async def _recheck(self) -> None:
        """Closes the sockets of those who signed out, were shut out, or whose rights changed."""
        # Whoever comes in during the read was admitted by one of their own, and is not in this one.
        checked = [*self._sittings]
        for entrance in {sitting.entrance for sitting in checked}:
            await self._recheck_at(entrance, [one for one in checked if one.entrance is entrance])

    async def _recheck_at(self, entrance: Entrance, checked: Sequence[Sitting]) -> None:
        now = await self.reader.run(entrance.viewers, {sitting.key for sitting in checked})
        for sitting in checked:
            viewer = now.get(sitting.key)
            if viewer is None:
                sitting.mailbox.close(entrance.closed_with)
            elif viewer != sitting.viewer:
                sitting.mailbox.close(NOT_ALLOWED)


def _arrived(entrance: Entrance, arriving: Mapping[str, int]) -> Mapping[str, Viewer]:
    """Everybody who is arriving now, on the reader's thread: who waits for this read is among them."""
    return once(entrance, lambda: entrance.viewers([*arriving]))


def _may_ask(viewer: Viewer, board: Board, scope: str) -> bool:
    """Whether these eyes may ask for this scope at all; whether they see it is then the board's to say."""
    if viewer.audience.only is not None:
        return scope == viewer.audience.only
    if not isinstance(board, Personal):
        return True
    return isinstance(viewer, Person) and scope.split(":")[1:2] == [str(viewer.user)]


hub = Hub()
