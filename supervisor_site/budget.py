"""How fast the worker may read from Telnyx, so that commands never wait for what reads have used up.

Reads take `rate` requests a second of the account's limit, some more at once after a quiet time, and none
while Telnyx says that fewer than `RESERVE` requests are left: those are for commands.
"""

import time
from collections.abc import Callable

from telephony.wire import Wire

READS_PER_SECOND = 5.0  # the share of Telnyx's rate limit that reads may take
AT_ONCE = 50.0  # a beat's worth
RESERVE = 30  # requests
LEARN_AGAIN = 1.0  # seconds, when Telnyx does not say when there will be more


class Budget:
    """`wait` says how long a read must wait, `spend` counts those that were made, urgent ones as well."""

    def __init__(
        self,
        telnyx: Wire,
        rate: float = READS_PER_SECOND,
        at_once: float = AT_ONCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._telnyx, self._rate, self._at_once, self._clock = telnyx, rate, at_once, clock
        self._left, self._at = at_once, clock()
        self._more_at: float | None = None

    def wait(self) -> float:
        """Seconds until one more request may go out; 0: now."""
        now = self._clock()
        self._left = min(self._at_once, self._left + (now - self._at) * self._rate)
        self._at = now
        return max(0.0, (1 - self._left) / self._rate, self._scarce(now))

    def spend(self, requests: int) -> None:
        self._left -= requests

    def _scarce(self, now: float) -> float:
        """Once the time that Telnyx named is over, one request learns how many there are now."""
        left = self._telnyx.rate_limit_remaining
        if left is None or left >= RESERVE:
            self._more_at = None
        elif self._more_at is None:
            self._more_at = now + (self._telnyx.rate_limit_reset or LEARN_AGAIN)
        elif now >= self._more_at:
            self._more_at = None
            return 0.0
        return max(0.0, (self._more_at or now) - now)
