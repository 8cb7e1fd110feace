"""From when something in a conference needs a supervisor's eye: seconds until amber, until red."""

from dashboard.limits import HOLD, Limit

__all__ = ["CALLER_ALONE", "HAND", "HOLD", "QUIET", "RECORDING_PAUSED"]

QUIET = Limit(60, 120)
RECORDING_PAUSED = Limit(120, 300)
CALLER_ALONE = Limit(10, 30)
# A raised hand is amber at once.
HAND = Limit(0, 120)
