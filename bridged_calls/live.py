"""The live parts of bridged calls: rows of the floor, the floor's detail pane, the page of one call."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from bridged_calls import show
from bridged_calls.models import BridgedCall, BridgedCalls
from bridged_calls.presentation import CallShown
from dashboard.boards import FOR_EVER, Audience, Fragment
from dashboard.fields import row_number
from dashboard.rendering import html
from dashboard.roles import Action
from telephony.projection import Change


def rows(audience: Audience) -> list[Fragment]:
    """The rows of every live call that this audience sees."""
    return _rows(_live(audience).order_by("started_at", "id"), audience)


def _live(audience: Audience) -> BridgedCalls:
    return BridgedCall.objects.live().within(audience.teams)


def changed_rows(audience: Audience, keys: AbstractSet[str]) -> list[Fragment]:
    """The rows of these calls; a tombstone for one that ended, that is none of this audience's, or that is no
    more."""
    versions = dict(BridgedCall.objects.filter(pk__in=keys).values_list("pk", "version"))
    here = list(_live(audience).filter(pk__in=keys))
    gone = {int(key) for key in keys} - {call.pk for call in here}
    return _rows(here, audience) + [_tombstone(pk, versions.get(pk, FOR_EVER)) for pk in gone]


def _tombstone(pk: int, version: int) -> Fragment:
    return Fragment(f"c-{show.KEY}{pk}", "conferences", version, None)


def row_versions(audience: Audience) -> list[tuple[str, int]]:
    found = _live(audience).values_list("pk", "version")
    return [(f"c-{show.KEY}{pk}", version) for pk, version in found]


def _rows(calls: Iterable[BridgedCall], audience: Audience) -> list[Fragment]:
    return [
        Fragment(
            f"c-{call.key}",
            "conferences",
            call.version,
            html("bridged_calls/_row.html", audience, {"call": call}),
        )
        for call in show.shown(calls, full_numbers=audience.full_numbers)
    ]


def as_json(audience: Audience) -> list[dict[str, Any]]:
    """Live calls as `/api/floor` has them; none for who may not see the floor."""
    if Action.SEE_FLOOR not in audience.actions:
        return []
    found = _live(audience).order_by("id")
    return [_json(call) for call in show.shown(found, full_numbers=audience.full_numbers)]


def _json(call: CallShown) -> dict[str, Any]:
    legs = [{"call_control_id": side.leg.call_control_id, "label": side.leg.label} for side in call.people]
    return {
        "id": call.pk,
        "version": call.version,
        "legs": sorted(legs, key=lambda leg: leg["call_control_id"]),
        "supervisors": [
            {"call_control_id": one.leg.call_control_id, "supervisor_role": one.role}
            for one in call.supervisors
        ],
    }


@dataclass(frozen=True, slots=True)
class OneCall:
    """A scope with one call in one fragment: its page, or the floor's detail pane. Keys as on the floor."""

    kind: str
    lines: int = 6

    def allowed(self, audience: Audience, key: str) -> bool:
        call = _find(key) if Action.SEE_FLOOR in audience.actions else None
        return bool(call and BridgedCall.objects.within(audience.teams).filter(pk=call.pk).exists())

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        call = _find(key)
        if call is None:
            return []
        whole = show.whole(call, full_numbers=audience.full_numbers, lines=self.lines)
        content = html("bridged_calls/_pane.html", audience, {"call": whole})
        return [Fragment(f"conference-pane-{key}", "pane", call.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        return change == ("bridged", key.removeprefix(show.KEY))

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        call = _find(key)
        return [(f"conference-pane-{key}", call.version)] if call else []


def _find(key: str) -> BridgedCall | None:
    return BridgedCall.objects.filter(pk=row_number(key.removeprefix(show.KEY))).first()


PANE = OneCall("pane")
PAGE = OneCall("bridged", lines=50)
