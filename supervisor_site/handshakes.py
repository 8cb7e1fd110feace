"""The line in which sockets wait to be opened.

What a socket costs most is its beginning: the handshake, the sign-in, a whole page of fragments. After a
restart thousands come at once, and would keep webhooks and pages waiting. So a few are opened at once and
the others wait in the order they came, without anything being done for them: to send them away would cost
more than to let them wait, and each would come again and again. Only who finds a very long line, or has stood
in it for long, is told to come again (503); the page does, after a pause that is partly chance.
"""

import itertools
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Protocol, TypeVar

T = TypeVar("T")

OPENING_MOST = 40
OPENING_WITHIN = 5.0  # seconds; a socket that asks for nothing holds its place no longer
LINE_MOST = 5000
WAIT_MOST = 15.0  # seconds; a browser gives up 10 s later, see ATTEMPT_MS in static/connection.js
COME_AGAIN = 2  # seconds, for clients that read Retry-After


class Waiting(Protocol):
    """A request for a socket, with its answer still open."""

    def let_in(self) -> None: ...

    def tell_to_come_again(self) -> None: ...


class Handshakes:
    """The sockets that have not had their first message, and the line before them, the oldest first in both.

    `soon(act)` calls `act` once the event loop has looked at everything else that came.
    """

    def __init__(
        self,
        soon: Callable[[Callable[[], None]], object],
        most: int = OPENING_MOST,
        within: float = OPENING_WITHIN,
        line_most: int = LINE_MOST,
        wait_most: float = WAIT_MOST,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._soon, self._most, self._within, self._clock = soon, most, within, clock
        self._line_most, self._wait_most = line_most, wait_most
        self._opening: dict[Hashable, float] = {}
        self._line: dict[Waiting, float] = {}
        self._closed = self._moving = False

    def come(self, one: Waiting) -> None:
        """It is let in when its turn comes, which may be now, or told to come again."""
        if self._closed or len(self._line) >= self._line_most:
            one.tell_to_come_again()
            return
        self._line[one] = self._clock()
        if not self._moving:
            self._move_on()

    def leave(self, one: Waiting) -> None:
        """It has hung up. Called for one that is in no line, it does nothing."""
        self._line.pop(one, None)

    def begin(self, socket: Hashable) -> None:
        self._opening[socket] = self._clock()

    def end(self, socket: Hashable) -> None:
        """It has had its first message, or is gone. Called again and again, it does nothing."""
        if self._opening.pop(socket, None) is not None:
            self._move_soon()

    def look(self) -> None:
        """To be called every few seconds, for those whose time is over."""
        for one in _older(self._line, self._clock() - self._wait_most):
            self._send_away(one)
        self._move_soon()

    def close(self) -> None:
        """The server ends: who stands in the line is sent away, and who comes now as well."""
        self._closed = True
        for one in [*self._line]:
            self._send_away(one)

    def _send_away(self, one: Waiting) -> None:
        del self._line[one]
        one.tell_to_come_again()

    def _move_soon(self) -> None:
        if self._line and not self._moving:
            self._moving = True
            self._soon(self._move_on)

    def _move_on(self) -> None:
        """One at a time, so that the loop looks at everything else between two of them."""
        self._moving = False
        for socket in _older(self._opening, self._clock() - self._within):
            del self._opening[socket]
        if self._line and len(self._opening) < self._most:
            one = next(iter(self._line))
            del self._line[one]
            one.let_in()
            self._move_soon()


def _older(since: dict[T, float], than: float) -> list[T]:
    return list(itertools.takewhile(lambda one: since[one] < than, since))
