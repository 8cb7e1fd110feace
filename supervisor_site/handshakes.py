"""How many sockets may be opening at once.

What a socket costs most is its beginning: the sign-in is read, a whole page of fragments is put together and
sent. After a restart thousands come at once, and would keep webhooks and pages waiting. Whoever is one too
many is told to come again (503); the page does, each time after a longer pause that is partly chance.
"""

import itertools
from collections.abc import Callable, Hashable
from time import monotonic

OPENING_MOST = 100
OPENING_WITHIN = 10.0  # seconds; a socket that asks for nothing holds its place no longer
COME_AGAIN = 2  # seconds, for clients that read Retry-After


class Handshakes:
    """Those that have not had their first message, each with the moment it came, the oldest first."""

    def __init__(
        self,
        most: int = OPENING_MOST,
        within: float = OPENING_WITHIN,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._most, self._within, self._clock = most, within, clock
        self._opening: dict[Hashable, float] = {}

    def is_full(self) -> bool:
        """Whether one more is too many."""
        self._forget_silent()
        return len(self._opening) >= self._most

    def begin(self, socket: Hashable) -> None:
        self._opening[socket] = self._clock()

    def end(self, socket: Hashable) -> None:
        """It has had its first message, or is gone. Called again and again, it does nothing."""
        self._opening.pop(socket, None)

    def _forget_silent(self) -> None:
        before = self._clock() - self._within
        for socket in [*itertools.takewhile(lambda one: self._opening[one] < before, self._opening)]:
            del self._opening[socket]
