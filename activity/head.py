"""What a view of the activity says of itself: how much there is, and what must be looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from activity import filters
from activity.filters import PER_PAGE, VIEWS, Filters
from dashboard.addresses import Tab
from dashboard.models import Command
from dashboard.scope import Scope
from supervision.models import LIVE, Supervision

# A day has fewer steps than this, so that the version of a head grows over midnight too.
_A_DAY = 10**10


@dataclass(frozen=True, slots=True)
class Chip:
    """How many commands came to what must be looked at."""

    name: str
    word: str
    icon: str
    count: int


@dataclass(frozen=True, slots=True)
class Head:
    """What a view says of itself: counts, pages, what its files would hold."""

    version: int
    tabs: Sequence[Tab]
    chips: Sequence[Chip]
    running: int
    total: int
    first: int
    last: int
    pages: int
    filters: Filters

    @property
    def noun(self) -> str:
        return "command" if self.filters.view else "supervision"


def head(wanted: Filters, scope: Scope, *, full_numbers: bool) -> Head:
    listened, pressed = wanted.supervisions(scope, full_numbers=full_numbers), wanted.commands(scope)
    counted = sums(listened, pressed)
    counts = {"": counted["listened"], "commands": counted["pressed"]}
    if wanted.view:
        total = wanted.with_outcome(pressed).count() if wanted.outcome else counts["commands"]
    else:
        total = wanted.fitting(listened).count() if wanted.mode or wanted.outcome else counts[""]
    first = (wanted.page - 1) * PER_PAGE
    return Head(
        version=version_of(counted),
        tabs=[Tab(name, word, counts[name]) for name, word in VIEWS.items()],
        chips=[
            Chip("failed", "failed", "fail", counted["failed"]),
            Chip("unknown", "not known", "half", counted["unknown"]),
            Chip("refused", "refused", "lock", counted["refused"]),
        ],
        running=counted["running"],
        total=total,
        first=min(first + 1, total),
        last=min(first + PER_PAGE, total),
        pages=max(-(-total // PER_PAGE), 1),
        filters=wanted,
    )


def sums(listened: QuerySet[Supervision], pressed: QuerySet[Command]) -> Mapping[str, int]:
    """Counts and versions of all that fits, but for mode and outcome."""
    about = listened.order_by().aggregate(
        listened=Count("pk"),
        running=Count("pk", filter=Q(state__in=LIVE)),
        versions=Coalesce(Sum("version"), 0),
    )
    of_outcomes = {
        name: Count("pk", filter=filters.outcome(name)) for name in ("failed", "unknown", "refused")
    }
    steps = Coalesce(Sum("progress"), 0)
    return about | pressed.order_by().aggregate(pressed=Count("pk"), steps=steps, **of_outcomes)


def version_of(counted: Mapping[str, int]) -> int:
    """All of it only grows: rows that come, what becomes of them, the day."""
    return (
        timezone.localdate().toordinal() * _A_DAY
        + counted["versions"]
        + counted["steps"]
        + counted["listened"]
    )
