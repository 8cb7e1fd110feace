"""All that is known of each supervision, for many at once: facts, presses, who was there, what is kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

import conferences.transitions
from bridged_calls.models import BridgedCall, BridgedLeg
from conferences.models import Conference, Participant
from dashboard.legs import Leg, legs
from dashboard.models import Command
from recordings.models import Recording
from supervision import transitions
from supervision.models import Supervision
from supervision.modes import commands_of, facts_of, modes
from supervision.spans import EVER, Span, Stretch
from telephony.models import Fact

There = tuple[str, datetime, datetime | None]  # a leg, from when, until when


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was there meanwhile."""

    leg: Leg
    stays: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of one supervision. `seen`: who was there is known, so that nobody else was. `call`:
    the bridged call that it is about, if it is about one."""

    row: Supervision
    version: int
    facts: Sequence[Fact]
    commands: Sequence[Command]
    people: Sequence[Person]
    seen: bool
    holds: Mapping[str, Sequence[Stretch]]
    recordings: int
    call: BridgedCall | None

    @property
    def spans(self) -> list[Span]:
        """The modes, while the supervisor was in the conference."""
        return modes(self.row, self.facts, self.commands)


# --- read ----------------------------------------------------------------------------------------------
def stories(rows: Sequence[Supervision], *, full_numbers: bool) -> list[Story]:
    """In the order given; nine queries for any number. Versions first: none is newer than what it is of."""
    of_places, recordings = _versions(rows), _recordings(rows)
    facts, commands, stays = facts_of(rows), commands_of(rows), _stays(rows)
    about = legs({leg for some in stays.values() for leg, _, _ in some}, full_numbers=full_numbers)
    holds, calls = _holds(rows), bridged(rows)
    return [
        Story(
            row,
            row.version + of_places[place_of(row)] + recordings[row.conference_id][1],
            facts[transitions.subject(str(row.pk))],
            commands[row.subject],
            _people(row, stays[place_of(row)], about),
            _is_seen(row, stays[place_of(row)]),
            holds.get(place_of(row), {}),
            recordings[row.conference_id][0],
            calls.get(row.bridged_stay),
        )
        for row in rows
    ]


def versions(rows: Iterable[Supervision]) -> dict[str, int]:
    """The version of each row by its key: all its parts only grow, so their sum does."""
    found = list(rows)
    of_places, recordings = _versions(found), _recordings(found)
    return {
        str(row.pk): row.version + of_places[place_of(row)] + recordings[row.conference_id][1]
        for row in found
    }


def _versions(rows: Iterable[Supervision]) -> Mapping[str, int]:
    """Of the conferences and bridged calls, by `place_of`."""
    every = list(rows)
    ids = {row.conference_id for row in every} - {""}
    found = defaultdict(int, Conference.objects.filter(pk__in=ids).values_list("pk", "version"))
    return found | {stay: call.version for stay, call in bridged(every).items()}


def place_of(row: Supervision) -> str:
    """The conference, or the event that connected the leg that is supervised in a bridged call."""
    return row.conference_id or row.bridged_stay


def bridged(rows: Iterable[Supervision]) -> dict[str, BridgedCall]:
    """The calls of two legs that these are about, by the stay that was supervised."""
    stays = {row.bridged_stay for row in rows} - {""}
    found = BridgedLeg.objects.filter(opened_by__in=stays, call__isnull=False).select_related("call")
    return {leg.opened_by: leg.call for leg in found if leg.call}


def _recordings(rows: Iterable[Supervision]) -> Mapping[str, tuple[int, int]]:
    """How many recordings each conference has, and the sum of their versions."""
    ids = {row.conference_id for row in rows} - {""}
    found = Recording.objects.filter(conference_id__in=ids).order_by().values_list("conference_id")
    counted = found.annotate(count=Count("pk"), versions=Sum("version"))
    return defaultdict(lambda: (0, 0), {key: (count, total) for key, count, total in counted})


def _stays(rows: Sequence[Supervision]) -> Mapping[str, list[There]]:
    """Who was in each place, in the order in which they came."""
    found: dict[str, list[There]] = defaultdict(list)
    ids = {row.conference_id for row in rows} - {""}
    for stay in Participant.objects.filter(conference_id__in=ids).order_by("joined_at", "id"):
        found[stay.conference_id].append((stay.call_control_id, stay.joined_at, stay.left_at))
    calls = bridged(rows)
    of_calls: dict[int, list[There]] = defaultdict(list)
    for leg in BridgedLeg.objects.filter(call__in=calls.values()).order_by("bridged_at", "id"):
        of_calls[leg.call_id or 0].append((leg.call_control_id, leg.bridged_at, leg.left_at))
    return defaultdict(list, found | {stay: of_calls[call.pk] for stay, call in calls.items()})


def _is_seen(row: Supervision, there: Sequence[There]) -> bool:
    if row.bridged_stay:
        return len(there) > 1  # both sides: of one alone it is not known who the other is
    return any(leg == row.leg for leg, _, _ in there)


def _holds(rows: Iterable[Supervision]) -> dict[str, dict[str, list[Stretch]]]:
    """When each leg of each conference was on hold."""
    about = {conferences.transitions.subject(row.conference_id): row.conference_id for row in rows}
    found: dict[str, dict[str, list[Stretch]]] = defaultdict(lambda: defaultdict(list))
    since: dict[tuple[str, str], datetime] = {}
    told = Fact.objects.filter(subject__in=about, kind__in=["held", "resumed"])
    for fact in told.order_by("at", "rank", "event"):
        place = about[fact.subject], fact.leg
        if fact.kind == "held":
            since.setdefault(place, fact.at)
        elif place in since:
            found[place[0]][place[1]].append((since.pop(place), fact.at))
    for (conference_id, leg), at in since.items():
        found[conference_id][leg].append((at, None))
    return found


def _people(row: Supervision, stays: Iterable[There], about: Mapping[str, Leg]) -> list[Person]:
    """Everybody else who was there meanwhile, agents first."""
    if row.connected_at is None:
        return []
    begin, end = row.connected_at, row.ended_at or EVER
    there: dict[str, list[Stretch]] = defaultdict(list)
    for leg, came, went in stays:
        if leg != row.leg and came < end and (went or EVER) > begin:
            there[leg].append((came, went))
    people = [Person(about[leg], stretches) for leg, stretches in there.items()]
    order = ("agent", "caller", "unknown", "supervisor")
    return sorted(people, key=lambda person: (order.index(person.leg.kind), person.stays[0][0]))
