"""What waits to be sent to one browser. It stays small however slowly the browser reads."""

import asyncio
import time
from collections.abc import Callable

from dashboard import frames

# More fragments than this waiting for one browser: the whole page is less.
LIMIT = 500


class Mailbox:
    """Per scope: at most one snapshot, then the newest of each fragment; at most one beat in all.

    Used on the event loop only. `put` takes the digest out of the scope's waiting beat: it would speak of a
    state that the page has left by the time it reads it.

    `at_once`, where a server offers it, sends a text without waking whoever takes from here: two fifths
    of what a delivery costs. It is used while they wait for something, so that nothing is overtaken; False
    says that the browser has not read what came before.
    """

    def __init__(self, at_once: Callable[[str], bool] | None = None) -> None:
        self.close_code: int | None = None
        self.at_once = at_once
        self._since: float | None = None
        self._snapshots: dict[str, str] = {}
        self._news: dict[str, frames.News] = {}
        self._sums: dict[str, str] | None = None
        self._bell: asyncio.Future[None] | None = None

    def put(self, news: frames.News) -> bool:
        """Newest wins by fragment id. False: too much is waiting, so the scope needs a snapshot instead."""
        if len(news.encoded) <= LIMIT and self._went(news):
            return True
        scope, waiting = news.scope, self._news.pop(news.scope, None)
        if self._sums and scope in self._sums:
            self._sums[scope] = "null"
        whole = waiting.then(news) if waiting else news
        if len(whole.encoded) > LIMIT:
            return False
        self._news[scope] = whole
        self._ring()
        return True

    def put_snapshot(self, scope: str, frame: str) -> None:
        self.drop(scope)
        self._snapshots[scope] = frame
        self._ring()

    def put_beat(self, beat: frames.Beat) -> None:
        if not self._went(beat):
            self._sums = {**(self._sums or {}), **beat.sums}
            self._ring()

    def drop(self, scope: str) -> None:
        """Forgets what waits of a scope that is no longer watched."""
        self._snapshots.pop(scope, None)
        self._news.pop(scope, None)
        if self._sums:
            self._sums.pop(scope, None)

    def close(self, code: int) -> None:
        """What waits is not sent any more; the first code stays."""
        self.close_code = self.close_code or code
        self._empty()
        self._wake()

    async def take(self) -> list[str]:
        """Waits for something, then returns all frames in order; empty once the socket is to be closed."""
        while self.close_code is None:
            if self._since is not None and (waiting := self._empty()):
                return waiting
            # Not an asyncio.Event: its queue of waiters would be a quarter of what an idle socket takes.
            self._bell = asyncio.get_running_loop().create_future()
            await self._bell
        return []

    def waits(self, seconds: float) -> bool:
        """Whether something has waited so long to be taken. May be asked from any thread."""
        since = self._since
        return since is not None and time.monotonic() - since > seconds

    def _went(self, message: frames.News | frames.Beat) -> bool:
        return self.at_once is not None and self._rests() and self.at_once(message.text)

    def _rests(self) -> bool:
        """Whether all that came was taken, and sent: whoever takes has come back for more."""
        return self._bell is not None and not self._bell.done()

    def _ring(self) -> None:
        self._since = self._since or time.monotonic()
        self._wake()

    def _wake(self) -> None:
        if self._bell and self._rests():
            self._bell.set_result(None)

    def _empty(self) -> list[str]:
        waiting = [*self._snapshots.values()]
        waiting += [news.text for news in self._news.values()]
        if self._sums is not None:
            waiting.append(frames.Beat(self._sums).text)
        self._snapshots, self._news, self._sums, self._since = {}, {}, None, None
        return waiting
