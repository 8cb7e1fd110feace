"""The live parts of the activity: one page of one view with its head, and the details of one supervision."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from activity import detail, log, supervisions
from activity.filters import Filters, of_key
from activity.head import head, sums, version_of
from activity.reach import supervisions_within
from activity.stories import versions as versions_of
from dashboard.boards import Audience, Fragment
from dashboard.models import Command
from dashboard.rendering import html
from dashboard.roles import Action
from dashboard.scope import Scope
from supervision.models import Supervision
from telephony.projection import Change

HEAD, ROWS = "activity-head", "activity"
KINDS = frozenset({"bridged", "conference", "queue", "recording", "supervision", "activity"})
_NEAR = 10  # rows beyond the edges of the page that a change may have pushed there
_LATELY = 20  # of what changed and is not on the page (any more)


class Activity:
    """The scope `activity:<query>`: the rows of one page of one view, and its head."""

    kind = "activity"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_FLOOR in audience.actions and of_key(key).key == key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        wanted = of_key(key)
        return [*rows(wanted, audience), _head(wanted, audience)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        wanted = of_key(key)
        here = rows(wanted, audience, changes)
        return [*here, *_left(wanted, audience, changes), _head(wanted, audience)]

    def touches(self, key: str, change: Change) -> bool:
        return change[0] in KINDS

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        wanted = of_key(key)
        counted = sums(_listened(wanted, audience), wanted.commands(audience.teams))
        return [*_row_versions(_on_page(wanted, audience)), (HEAD, version_of(counted))]


def _listened(wanted: Filters, audience: Audience) -> QuerySet[Supervision]:
    return wanted.supervisions(audience.teams, full_numbers=audience.full_numbers)


def found(wanted: Filters, audience: Audience) -> QuerySet[Any]:
    """The whole list, in order."""
    if wanted.view:
        return wanted.with_outcome(wanted.commands(audience.teams))
    return wanted.fitting(_listened(wanted, audience))


def _on_page(wanted: Filters, audience: Audience) -> QuerySet[Any]:
    return found(wanted, audience)[wanted.on_page()]


def _row_versions(some: Iterable[Command | Supervision]) -> list[tuple[str, int]]:
    every = list(some)
    listened = versions_of(row for row in every if isinstance(row, Supervision))
    return [
        *((f"sup-{pk}", version) for pk, version in listened.items()),
        *((f"cmd-{row.pk}", log.progress(row)) for row in every if isinstance(row, Command)),
    ]


def rows(wanted: Filters, audience: Audience, changes: AbstractSet[Change] | None = None) -> list[Fragment]:
    """The rows of the page, or those of them that these changes may have altered."""
    here = [row for row in _on_page(wanted, audience) if changes is None or _is_about(row, changes)]
    template = "activity/_command.html" if wanted.view else "activity/_supervision.html"
    shown: Sequence[Any] = of_rows(here, full_numbers=audience.full_numbers)
    start = "cmd" if wanted.view else "sup"
    return [
        Fragment(f"{start}-{row.pk}", ROWS, row.version, html(template, audience, {"row": row}))
        for row in shown
    ]


def of_rows(some: Sequence[Command | Supervision], *, full_numbers: bool) -> Sequence[Any]:
    """As pages show them, in the order given."""
    pressed = [row for row in some if isinstance(row, Command)]
    if pressed:
        return log.shown(pressed)
    listened = [row for row in some if isinstance(row, Supervision)]
    return supervisions.shown(listened, full_numbers=full_numbers)


def _is_about(row: Command | Supervision, changes: AbstractSet[Change]) -> bool:
    """A new row is about the change that brought it."""
    if isinstance(row, Supervision):
        of_it = {("supervision", str(row.user_id)), ("conference", row.conference_id)}
        also = {"recording", "bridged"} if row.bridged_stay else {"recording"}
        return bool(changes & of_it) or any(kind in also for kind, _ in changes)
    kind, _, key = row.subject.partition(":")
    if kind == "supervision":
        return ("conference", key.rpartition(":")[0]) in changes or any(one == kind for one, _ in changes)
    if kind in {"bridged", "conference", "queue"}:
        return (kind, key) in changes
    return any(one not in {"bridged", "conference", "queue"} for one, _ in changes)


def _left(wanted: Filters, audience: Audience, changes: AbstractSet[Change]) -> list[Fragment]:
    """Tombstones of what is not on this page (any more): what changed, and what that pushed over an edge."""
    whole, place = found(wanted, audience), wanted.on_page()
    after = list(whole[place.stop : place.stop + _NEAR])
    before = list(whole[max(place.start - _NEAR, 0) : place.start])
    here = {row.pk for row in whole[place]}
    away = [row for row in [*before, *after, *_lately(wanted, audience, changes)] if row.pk not in here]
    return [Fragment(id_, ROWS, version, None) for id_, version in _row_versions(away)]


def _lately(
    wanted: Filters, audience: Audience, changes: AbstractSet[Change]
) -> Sequence[Command | Supervision]:
    """The newest of what the changes are about, whether it still fits the filters or not."""
    if wanted.view:
        newest = wanted.commands(audience.teams)[: 5 * _LATELY] if wanted.outcome else ()
        return [row for row in newest if _is_about(row, changes)]
    if not wanted.mode and not wanted.outcome:
        return []
    return [row for row in _listened(wanted, audience)[:_LATELY] if _is_about(row, changes)]


def _head(wanted: Filters, audience: Audience) -> Fragment:
    shown = head(wanted, audience.teams, full_numbers=audience.full_numbers)
    return Fragment(HEAD, HEAD, shown.version, html("activity/_head.html", audience, {"head": shown}))


class OneSupervision:
    """The scope `listened:<supervision>`: who heard whom, by what right, step by step."""

    kind = "listened"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_FLOOR in audience.actions and one(audience.teams, key) is not None

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        row = one(audience.teams, key)
        if row is None:
            return []
        shown = detail.detail(row, full_numbers=audience.full_numbers)
        content = html("activity/_detail.html", audience, {"detail": shown})
        return [Fragment(f"listened-{row.pk}", "listened", shown.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        row = one(audience.teams, key)
        return self.snapshot(audience, key) if row and _is_about(row, changes) else []

    def touches(self, key: str, change: Change) -> bool:
        return change[0] in {"bridged", "conference", "recording", "supervision"}

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        row = one(audience.teams, key)
        return [(f"listened-{row.pk}", versions_of([row])[str(row.pk)])] if row else []


def one(scope: Scope, key: str) -> Supervision | None:
    """The supervision with this number, found through what may be seen."""
    try:
        number = UUID(key)
    except ValueError:
        return None
    return supervisions_within(scope).filter(pk=number).first() if str(number) == key else None


BOARDS = (Activity(), OneSupervision())
