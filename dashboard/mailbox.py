"""What waits to be sent to one browser. It stays small however slowly the browser reads."""

import asyncio
import time
from collections.abc import Mapping

from dashboard import frames

# More fragments than this waiting for one browser: the whole page is less.
LIMIT = 500


class Mailbox:
    """Per scope: at most one snapshot, then the newest of each fragment; at most one beat in all.

    Used on the event loop only. `put` takes the digest out of the scope's waiting beat: it would speak of a
    state that the page has left by the time it reads it.
    """

    def __init__(self) -> None:
        self.close_code: int | None = None
        self._since: float | None = None
        self._snapshots: dict[str, str] = {}
        self._fragments: dict[str, dict[str, str]] = {}
        self._sums: dict[str, str] | None = None
        self._something = asyncio.Event()

    def put(self, scope: str, encoded: Mapping[str, str]) -> bool:
        """Newest wins by fragment id. False: too much is waiting, so the scope needs a snapshot instead."""
        if self._sums and scope in self._sums:
            self._sums[scope] = "null"
        waiting = self._fragments.setdefault(scope, {})
        waiting.update(encoded)
        if len(waiting) > LIMIT:
            del self._fragments[scope]
            return False
        self._ring()
        return True

    def put_snapshot(self, scope: str, frame: str) -> None:
        self.drop(scope)
        self._snapshots[scope] = frame
        self._ring()

    def put_beat(self, sums: Mapping[str, str]) -> None:
        self._sums = (self._sums or {}) | dict(sums)
        self._ring()

    def drop(self, scope: str) -> None:
        """Forgets what waits of a scope that is no longer watched."""
        self._snapshots.pop(scope, None)
        self._fragments.pop(scope, None)
        if self._sums:
            self._sums.pop(scope, None)

    def close(self, code: int) -> None:
        """What waits is not sent any more; the first code stays."""
        self.close_code = self.close_code or code
        self._empty()
        self._something.set()

    async def take(self) -> list[str]:
        """Waits for something, then returns all frames in order; empty once the socket is to be closed."""
        while self.close_code is None:
            await self._something.wait()
            self._something.clear()
            if waiting := self._empty():
                return waiting
        return []

    def waits(self, seconds: float) -> bool:
        """Whether something has waited so long to be taken. May be asked from any thread."""
        since = self._since
        return since is not None and time.monotonic() - since > seconds

    def _ring(self) -> None:
        self._since = self._since or time.monotonic()
        self._something.set()

    def _empty(self) -> list[str]:
        waiting = [*self._snapshots.values()]
        waiting += [frames.fragments(scope, found.values()) for scope, found in self._fragments.items()]
        waiting += [frames.beat(self._sums)] if self._sums is not None else []
        self._snapshots, self._fragments, self._sums, self._since = {}, {}, None, None
        return waiting
