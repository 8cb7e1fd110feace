"""The live parts of conferences: rows of the floor, the floor's detail pane, the page of one conference."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from conferences import show
from conferences.models import Conference
from dashboard.boards import Audience, Fragment
from dashboard.rendering import html
from dashboard.roles import Action
from telephony.projection import Change
from telephony.statements import Select

_BY_ID = Select(Conference, "id IN {}")


def rows(audience: Audience) -> list[Fragment]:
    """The rows of every live conference that this audience sees."""
    live = Conference.objects.live().within(audience.teams).order_by("first_seen_at", "id")
    return _rows(live, audience)


def changed_rows(audience: Audience, ids: AbstractSet[str]) -> list[Fragment]:
    """The rows of these conferences; a tombstone for one that ended, or is none of this audience's."""
    found = _BY_ID.rows(ids)
    live = [one for one in found if one.is_live]
    if audience.teams is not None:
        seen = Conference.objects.filter(pk__in=ids).within(audience.teams)
        theirs = set(seen.values_list("id", flat=True))
        live = [one for one in live if one.id in theirs]
    here = {one.id for one in live}
    gone = [one for one in found if one.id not in here]
    return _rows(live, audience) + [
        Fragment(_row_id(one.id), "conferences", one.version, None) for one in gone
    ]


def row_versions(audience: Audience) -> list[tuple[str, int]]:
    live = Conference.objects.live().within(audience.teams).values_list("id", "version")
    return [(_row_id(conference_id), version) for conference_id, version in live]


def _rows(conferences: Iterable[Conference], audience: Audience) -> list[Fragment]:
    return [
        Fragment(
            _row_id(conference.id),
            "conferences",
            conference.version,
            html("conferences/_row.html", audience, {"conference": conference}),
        )
        for conference in show.shown(
            conferences, full_numbers=audience.full_numbers, digits=Action.DIGITS in audience.actions
        )
    ]


def _row_id(conference_id: str) -> str:
    return f"c-{conference_id}"


@dataclass(frozen=True, slots=True)
class OneConference:
    """A scope with one conference in one fragment: its page, or the floor's detail pane."""

    kind: str
    list: str
    prefix: str
    template: str
    lines: int

    def allowed(self, audience: Audience, key: str) -> bool:
        seen = Conference.objects.within(audience.teams).filter(pk=key)
        return Action.SEE_FLOOR in audience.actions and seen.exists()

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        conference = Conference.objects.filter(pk=key).first()
        if conference is None:
            return []
        digits = Action.DIGITS in audience.actions
        whole = show.whole(conference, full_numbers=audience.full_numbers, digits=digits, lines=self.lines)
        content = html(self.template, audience, {"conference": whole})
        return [Fragment(self.prefix + key, self.list, conference.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        return change == ("conference", key)

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        found = Conference.objects.filter(pk=key).values_list("version", flat=True)
        return [(self.prefix + key, version) for version in found]


PAGE = OneConference("conference", "conference", "conference-page-", "conferences/_page.html", lines=100)
PANE = OneConference("pane", "pane", "conference-pane-", "conferences/_pane.html", lines=6)
