"""What proves that the command to end a call took effect: the call is over."""

from collections.abc import Iterable

from bridged_calls.models import BridgedCall
from bridged_calls.verbs import subject
from dashboard import attempts
from telephony.statements import Select

_OVER = Select(BridgedCall, "id IN {} AND ended_at IS NOT NULL", "id")


def by_facts(keys: Iterable[int], shown_by: str) -> None:
    """Commands on those of these calls that are over now."""
    done = attempts.waiting(map(subject, _OVER.firsts(set(keys))))
    if done:
        attempts.proven(done, shown_by)
