"""From rows to the raised hands of everybody, as supervisors see them over the agents' page."""

from collections.abc import Set as AbstractSet

import conferences.show
from agents.presentation import Raised
from conferences.models import Conference, Hand, Hands
from dashboard.scope import Scope


def hands_up(scope: Scope) -> Hands:
    """The hands that are up in live conferences of this scope."""
    return Hand.objects.up().filter(conference__in=Conference.objects.within(scope).live())


def raised(scope: Scope, *, full_numbers: bool, only: AbstractSet[str] | None = None) -> list[Raised]:
    """The same as rows, oldest first. `only`: those in these conferences."""
    up = hands_up(scope) if only is None else hands_up(scope).filter(conference__in=only)
    there = Conference.objects.filter(pk__in=up.values("conference"))
    rows = conferences.show.shown(there, full_numbers=full_numbers)
    every = [Raised(hand, row) for row in rows for hand in row.hands]
    return sorted(every, key=lambda one: (one.hand.raised_at, one.pk))
