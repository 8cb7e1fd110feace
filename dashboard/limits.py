"""From when something on any call needs a supervisor's eye: seconds until amber, until red."""

from typing import NamedTuple


class Limit(NamedTuple):
    amber: int
    red: int


HOLD = Limit(180, 300)
