"""The live part of recordings: one page of the list with its filters, and the head with its counts."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from dashboard.addresses import Tab
from dashboard.boards import FOR_EVER, Audience, Fragment
from dashboard.rendering import html
from dashboard.roles import Action
from dashboard.scope import Scope
from recordings import filters, show
from recordings.filters import PER_PAGE, TABS, Filters
from recordings.models import Recording, list_version
from telephony.projection import Change

HEAD = "recordings-head"


@dataclass(frozen=True, slots=True)
class Head:
    """What the list says of itself. `version` grows with every change, and with every day."""

    version: int
    kept: int
    today: int
    oldest: Recording | None
    tabs: Sequence[Tab]
    total: int
    first: int
    last: int
    pages: int
    filters: Filters


def head(wanted: Filters, scope: Scope, *, full_numbers: bool) -> Head:
    version = head_version()  # before the rest: what comes meanwhile is a newer version
    found = wanted.found(scope, full_numbers=full_numbers).order_by()
    counts = {name: filters.in_tab(found, name).count() for name in TABS}
    total = counts[wanted.tab]
    first = (wanted.page - 1) * PER_PAGE
    kept = filters.kept(Recording.objects.within(scope))
    today = Filters(since=timezone.localdate().isoformat())
    return Head(
        version=version,
        kept=kept.count(),
        today=filters.kept(today.found(scope, full_numbers=False).order_by()).count(),
        oldest=kept.order_by("at", "id").first(),
        tabs=[Tab(name, word, counts[name]) for name, word in TABS.items()],
        total=total,
        first=min(first + 1, total),
        last=min(first + PER_PAGE, total),
        pages=max(-(-total // PER_PAGE), 1),
        filters=wanted,
    )


def head_version() -> int:
    """Counts of today change at midnight too."""
    return list_version() + timezone.localdate().toordinal()


class Recordings:
    """The scope `recordings:<query>`: the rows of one page of one view of the list, and its head."""

    kind = "recordings"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.LISTEN_RECORDINGS in audience.actions and Filters.of_key(key).key == key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        wanted = Filters.of_key(key)
        found = wanted.found(audience.teams, full_numbers=audience.full_numbers)
        return [*_rows(wanted.on_page(found), audience), _head(wanted, audience)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        wanted = Filters.of_key(key)
        found = wanted.found(audience.teams, full_numbers=audience.full_numbers)
        here = _rows(wanted.on_page(found), audience)
        ids = {int(pk) for kind, pk in changes if kind == "recording"}
        return [*here, *_left(wanted, found, ids, {row.id for row in here}), _head(wanted, audience)]

    def touches(self, key: str, change: Change) -> bool:
        return change[0] == "recording"

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        wanted = Filters.of_key(key)
        rows = wanted.on_page(wanted.found(audience.teams, full_numbers=audience.full_numbers))
        return [
            *((row_id(pk), version) for pk, version in rows.values_list("pk", "version")),
            (HEAD, head_version()),
        ]


def row_id(pk: int) -> str:
    return f"rec-{pk}"


def _rows(found: QuerySet[Recording], audience: Audience) -> list[Fragment]:
    return [
        Fragment(
            row_id(row.pk),
            "recordings",
            row.version,
            html("recordings/_row.html", audience, {"recording": row}),
        )
        for row in show.shown(found, full_numbers=audience.full_numbers)
    ]


def _head(wanted: Filters, audience: Audience) -> Fragment:
    shown = head(wanted, audience.teams, full_numbers=audience.full_numbers)
    return Fragment(HEAD, HEAD, shown.version, html("recordings/_head.html", audience, {"head": shown}))


def _left(
    wanted: Filters, found: QuerySet[Recording], ids: AbstractSet[int], here: AbstractSet[str]
) -> list[Fragment]:
    """Tombstones of what is not on this page (any more): what changed, and what that pushed over an edge."""
    versions = dict(Recording.objects.filter(pk__in=ids).values_list("pk", "version"))
    near = filters.neighbours(wanted, found, len(ids))
    gone = {pk: versions.get(pk, FOR_EVER) for pk in ids} | dict(near.values_list("pk", "version"))
    return [
        Fragment(row_id(pk), "recordings", version, None)
        for pk, version in gone.items()
        if row_id(pk) not in here
    ]


BOARD = Recordings()
