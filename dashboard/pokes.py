"""Tells every live page of every process that something changed."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextvars import ContextVar

from dashboard import layer
from dashboard.live import hub
from telephony.projection import Change

logger = logging.getLogger("earshot.live")


# Seconds by which a step of a command is told later: the next one mostly comes before, and tells it too.
STEP = 0.15
_at_once: ContextVar[AbstractSet[str] | None] = ContextVar("at_once", default=None)


@contextlib.contextmanager
def stepwise(at_once: AbstractSet[str] = frozenset()) -> Iterator[None]:
    """What is poked in here is told a moment later, but for changes of the kinds `at_once`. Rendering each
    step of a press would only hold back the one that the person waits for; the button itself shows at once
    that it was pressed."""
    before = _at_once.set(at_once)
    try:
        yield
    finally:
        _at_once.reset(before)


def poke(changes: Iterable[Change]) -> None:
    """May be called from any thread, after the commit. Never raises, never blocks on the network."""
    changed, at_once = set(changes), _at_once.get()
    later = set() if at_once is None else {change for change in changed if change[0] not in at_once}
    if later:
        timer = threading.Timer(STEP, _tell, [later])
        timer.daemon = True
        timer.start()
    if changed - later:
        _tell(changed - later)


def _tell(changed: set[Change]) -> None:
    hub.hear(changed)
    if changed and layer.shared():
        _publisher.send(changed)


class Publisher:
    """A thread with an event loop for the layer.

    What comes while one message is on its way waits in a set, so that the layer never holds more than one
    message of ours, however slow it is.
    """

    def __init__(self) -> None:
        self._waiting: set[Change] = set()
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._well = True

    def send(self, changes: set[Change]) -> None:
        with self._news:
            self._waiting |= changes
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live-publisher", daemon=True)
                self._thread.start()
            self._news.notify()

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            while True:
                with self._news:
                    self._news.wait_for(lambda: self._waiting)
                    changes, self._waiting = self._waiting, set()
                runner.run(self._publish(changes))

    async def _publish(self, changes: set[Change]) -> None:
        try:
            await layer.publish(changes)
        except Exception as problem:
            self._say(
                False, f"Other processes cannot be told what changed; their beat will find it: {problem!r}"
            )
        else:
            self._say(True, "Other processes are told again what changed")

    def _say(self, well: bool, words: str) -> None:
        """Once for each outage, and once for its end."""
        if well != self._well:
            self._well = well
            logger.warning(words)


_publisher = Publisher()
