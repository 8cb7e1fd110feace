"""Today's figures of a queue, from the stays of its callers. Pure.

answered    left the queue towards a person: Telnyx's reasons bridged and bridging-in-process
abandoned   hung up while waiting
service level   answered within the target ÷ (answered + abandoned), in %
unknown     nobody told why: counted by itself, and part of no other figure
"""

from collections.abc import Iterable
from typing import Protocol

from queues.presentation import Today

ANSWERED = frozenset({"bridged", "bridging-in-process"})
ABANDONED = frozenset({"hangup"})


class Stay(Protocol):
    """A `QueuedCall` that ended."""

    left_because: str
    waited_seconds: int | None


def today(stays: Iterable[Stay], target_seconds: int) -> Today:
    """`stays`: those that ended today. A wait of unknown length does not count as in time."""
    answered = abandoned = in_time = unknown = 0
    for stay in stays:
        if stay.left_because in ANSWERED:
            answered += 1
            in_time += stay.waited_seconds is not None and stay.waited_seconds <= target_seconds
        elif stay.left_because in ABANDONED:
            abandoned += 1
        unknown += not stay.left_because
    offered = answered + abandoned
    return Today(
        answered=answered,
        abandoned=abandoned,
        service_level=round(100 * in_time / offered) if offered else None,
        abandoned_percent=round(100 * abandoned / offered, 1) if offered else None,
        unknown=unknown,
    )
