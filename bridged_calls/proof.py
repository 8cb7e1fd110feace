"""What proves that the command to end a call took effect: the call is over."""

from collections.abc import Iterable

from bridged_calls.models import BridgedCall
from bridged_calls.verbs import subject
from dashboard import attempts


def by_facts(keys: Iterable[int], shown_by: str) -> None:
    """Commands on those of these calls that are over now."""
    over = BridgedCall.objects.filter(pk__in=set(keys), ended_at__isnull=False).values_list("pk", flat=True)
    done = list(attempts.undecided(map(subject, over))) if over else []
    if done:
        attempts.proven(done, shown_by)
