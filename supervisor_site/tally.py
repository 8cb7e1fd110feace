"""What this process counts of itself for the health page. Kept in memory; `heart` writes it down."""

import threading
import time
from typing import Any

KEPT = 60  # minutes before the newest count; a silence must not wear away the hour that it is compared with


class Minutes:
    """How often something happened in each minute, and when last. Any thread may add."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[int, int] = {}
        self._last: float | None = None

    def add(self) -> None:
        now = time.time()
        minute = int(now // 60)
        with self._lock:
            self._last = now
            if minute not in self._counts:
                self._counts = {at: n for at, n in self._counts.items() if at > minute - KEPT}
            self._counts[minute] = self._counts.get(minute, 0) + 1

    def told(self) -> dict[str, Any]:
        """`{"last": epoch seconds or None, "minutes": {minutes since the epoch: count}}`, for JSON."""
        with self._lock:
            return {"last": self._last, "minutes": {str(at): n for at, n in self._counts.items()}}


class Passes:
    """When the worker last came round; None in a process that does not run it.

    `needs`: seconds that a read of everything needs by its share of Telnyx's rate limit.
    """

    def __init__(self) -> None:
        self.last: float | None = None
        self.needs: float | None = None

    def note(self) -> None:
        self.last = time.time()


WEBHOOKS, REFUSED, WORKER = Minutes(), Minutes(), Passes()
