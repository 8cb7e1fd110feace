"""One watched scope: what is dirty in it, and what each audience that looks at it has on its screen."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from dashboard import frames
from dashboard.boards import Audience, Board, Fragment, Personal
from dashboard.mailbox import Mailbox
from dashboard.reader import Reader, trace_of
from telephony import counts
from telephony.projection import Change

logger = logging.getLogger("earshot.live")
NOT_ALLOWED = 4403
# After a read that failed, so that a database that is down is not asked in a loop.
RETRY_SECONDS = 1.0
# Who comes is given what was drawn so lately, if its versions are the database's: after a restart pages come
# for half a minute, and each tenth of a second would draw all of it again.
DRAWN_SECONDS = 5.0
# So many reads of one person's own scope need not wait: the steps of a press follow each other faster.
RESERVE = 4


@dataclass(slots=True)
class Counts:
    """Running totals of this process, for health and for tests."""

    sockets: int = 0
    reads: int = 0
    renders: int = 0
    frames: int = 0
    bytes: int = 0
    cut: int = 0

    def sent(self, frame: str) -> None:
        self.frames += 1
        self.bytes += len(frame)


@dataclass(slots=True)
class Screen:
    """What everybody of one audience has before them: the same fragments in the same versions.

    Newcomers have not had their snapshot yet, so they get nothing else before it. `drawn` is what is known as
    it is sent, by id, kept for `DRAWN_SECONDS` from when all of it was read.
    """

    known: dict[str, int] = field(default_factory=dict)
    drawn: dict[str, str] | None = None
    drawn_at: float = 0.0
    settled: set[Mailbox] = field(default_factory=set)
    newcomers: set[Mailbox] = field(default_factory=set)

    def forget_old(self) -> None:
        if time.monotonic() - self.drawn_at > DRAWN_SECONDS:
            self.drawn = None

    def keep(self, sight: "Sight", news: Mapping[str, str], wanted: bool) -> None:
        """`news` as it is sent. The whole is kept when it is `wanted` by who comes."""
        if sight.whole and wanted:
            self.drawn_at = time.monotonic()
            self.drawn = {found.id: news.get(found.id) or frames.fragment(found) for found in sight.fragments}
        elif sight.whole:
            self.drawn = None
        elif self.drawn is not None:
            gone = {found.id for found in sight.fragments if found.html is None}
            self.drawn = {id: text for id, text in {**self.drawn, **news}.items() if id not in gone}


@dataclass(frozen=True, slots=True)
class Sight:
    """What one read found: the whole scope, or only what changed. None: this audience may not look."""

    whole: bool
    fragments: Sequence[Fragment]


class Place:
    """Reads on the leading edge, then at most once in `gap` seconds, once for each audience.

    What one person alone watches has `RESERVE` reads in hand, and gets one back every `gap` seconds.
    """

    def __init__(self, scope: str, board: Board, reader: Reader, counts: Counts, gap: float) -> None:
        self.scope, self.board, self.key = scope, board, scope.partition(":")[2]
        self.screens: dict[Audience, Screen] = {}
        self._reader, self._counts, self._gap = reader, counts, gap
        self._ahead = RESERVE * gap if isinstance(board, Personal) else 0.0
        self._dirty: set[Change] = set()
        self._heard_at: float | None = None
        self._beat_due = False
        self._next_round = 0.0
        self._failing = False
        self._work: asyncio.Task[None] | None = None

    def watch(self, mailbox: Mailbox, audience: Audience) -> None:
        """Asks for a snapshot, and for every change from now on."""
        screen = self.screens.setdefault(audience, Screen())
        screen.settled.discard(mailbox)
        screen.newcomers.add(mailbox)
        self._start()

    def leave(self, mailbox: Mailbox) -> None:
        mailbox.drop(self.scope)
        for audience, screen in [*self.screens.items()]:
            screen.settled.discard(mailbox)
            screen.newcomers.discard(mailbox)
            if not screen.settled and not screen.newcomers:
                del self.screens[audience]

    def hear(self, changes: Iterable[Change]) -> None:
        touching = {change for change in changes if self.board.touches(self.key, change)}
        if touching:
            self._heard_at = self._heard_at or time.monotonic()
            self._dirty |= touching
            self._start()

    def beat(self) -> None:
        """Compares every screen with the database, mends what differs, and sends the digest."""
        self._beat_due = True
        self._start()

    def stop(self) -> None:
        if self._work:
            self._work.cancel()

    def _start(self) -> None:
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._rounds())

    async def _rounds(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._waiting():
            await asyncio.sleep(max(0.0, self._next_round - self._ahead - clock()))
            self._next_round = max(self._next_round, clock()) + self._gap
            changes, beat, heard_at = frozenset(self._dirty), self._beat_due, self._heard_at
            self._dirty, self._beat_due, self._heard_at = set(), False, None
            try:
                await self._round(changes, beat)
                self._failing = False
                if heard_at is not None:
                    counts.PUSHED.observe(time.monotonic() - heard_at)
            except Exception as problem:
                self._say(problem)
                self._dirty |= changes
                self._heard_at = heard_at or self._heard_at
                self._next_round = clock() + self._ahead + RETRY_SECONDS

    def _say(self, problem: Exception) -> None:
        """Once for each outage."""
        if not self._failing:
            self._failing = True
            words = "Cannot read %s for the live pages, trying again: %s"
            logger.error(words, self.scope, problem, exc_info=trace_of(problem))

    def _waiting(self) -> bool:
        fresh = any(screen.newcomers for screen in self.screens.values())
        return bool(self.screens) and (bool(self._dirty) or self._beat_due or fresh)

    async def _round(self, changes: AbstractSet[Change], beat: bool) -> None:
        for audience, screen in [*self.screens.items()]:
            # Watch first, then read: whoever comes during the read waits for the next round.
            newcomers = frozenset(screen.newcomers)
            if not changes and not beat and not newcomers:
                continue
            screen.forget_old()
            whole, check = bool(newcomers) and screen.drawn is None, beat or bool(newcomers)
            sight = await self._reader.run(
                look, self.board, self.key, audience, screen.known, changes, whole, check
            )
            self._show(screen, newcomers, sight, beat)

    def _show(self, screen: Screen, newcomers: AbstractSet[Mailbox], sight: Sight | None, beat: bool) -> None:
        if sight is None:
            for mailbox in screen.settled | screen.newcomers:
                mailbox.close(NOT_ALLOWED)
            screen.newcomers.clear()
            return
        self._counts.reads += 1
        self._counts.renders += sum(found.html is not None for found in sight.fragments)
        news = differences(screen.known, sight)
        screen.known = after(screen.known, sight)
        encoded = {found.id: frames.fragment(found) for found in news}
        screen.keep(sight, encoded, bool(newcomers))
        self._send_news(screen, encoded)
        self._settle(screen, newcomers)
        if beat:
            self._send_beat(screen)

    def _send_news(self, screen: Screen, encoded: Mapping[str, str]) -> None:
        if not encoded:
            return
        news = frames.News(self.scope, encoded)
        for mailbox in [*screen.settled]:
            if not mailbox.put(news):
                screen.settled.discard(mailbox)
                screen.newcomers.add(mailbox)

    def _settle(self, screen: Screen, newcomers: AbstractSet[Mailbox]) -> None:
        # Some may have left while we read.
        arrived = newcomers & screen.newcomers
        if not arrived or screen.drawn is None:
            return
        frame = frames.snapshot(self.scope, screen.drawn.values())
        for mailbox in arrived:
            mailbox.put_snapshot(self.scope, frame)
        screen.newcomers -= arrived
        screen.settled |= arrived

    def _send_beat(self, screen: Screen) -> None:
        beat = frames.Beat({self.scope: frames.total(screen.known)})
        for mailbox in screen.settled:
            mailbox.put_beat(beat)


def look(
    board: Board,
    key: str,
    audience: Audience,
    known: Mapping[str, int],
    changes: AbstractSet[Change],
    whole: bool,
    check: bool,
) -> Sight | None:
    """Reads from the database, on the reader's thread. With `check`, what `known` lacks is found as well."""
    if not board.allowed(audience, key):
        return None
    if not whole:
        sight = Sight(False, board.changed(audience, key, changes) if changes else ())
        if not check or dict(board.versions(audience, key)) == after(known, sight):
            return sight
    return Sight(True, board.snapshot(audience, key))


def after(known: Mapping[str, int], sight: Sight) -> dict[str, int]:
    """The versions on a screen once this was shown."""
    shown = {found.id: found.version for found in sight.fragments if found.html is not None}
    if sight.whole:
        return shown
    gone = {found.id for found in sight.fragments if found.html is None}
    return {id: version for id, version in known.items() if id not in gone} | shown


def differences(known: Mapping[str, int], sight: Sight) -> list[Fragment]:
    """What somebody who has `known` must be sent; what a whole sight lacks becomes a tombstone."""
    news = [
        found
        for found in sight.fragments
        if (found.id in known if found.html is None else known.get(found.id) != found.version)
    ]
    if sight.whole:
        seen = {found.id for found in sight.fragments}
        news += [Fragment(id, "", version, None) for id, version in known.items() if id not in seen]
    return news
