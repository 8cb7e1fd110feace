"""From when something in a conference needs a supervisor's eye: seconds until amber, until red."""

from typing import NamedTuple


class Limit(NamedTuple):
    amber: int
    red: int


HOLD = Limit(180, 300)
QUIET = Limit(60, 120)
RECORDING_PAUSED = Limit(120, 300)
CALLER_ALONE = Limit(10, 30)
