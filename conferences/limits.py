"""From when something in a conference needs a supervisor's eye: seconds until amber, until red."""

from dashboard.limits import HOLD, Limit

__all__ = ["CALLER_ALONE", "HOLD", "QUIET", "RECORDING_PAUSED"]

QUIET = Limit(60, 120)
RECORDING_PAUSED = Limit(120, 300)
CALLER_ALONE = Limit(10, 30)
