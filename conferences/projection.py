"""Fold events into conferences and participants: lock, remember the facts, recompute what they touch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from conferences import proof, transitions
from conferences.models import Conference, Participant
from telephony import calls, rows, stay_rows
from telephony.events import Event
from telephony.facts import Occurrence
from telephony.projection import Change
from telephony.statements import Select
from telephony.stay_rows import Place

_PLACES = Select(Participant, "call_control_id IN {}", "conference_id", "call_control_id")
_PLACES_IN = Select(Participant, "conference_id IN {}", "conference_id", "call_control_id")
_STAYS = Select(Participant, "conference_id IN {} AND call_control_id IN {}", order="joined_at, id")
_JOINED = Select(Participant, "conference_id IN {}", "conference_id", "joined_at", order="joined_at DESC")


def project(events: Sequence[Event]) -> set[Change]:
    """One batch of events, inside the frame's transaction. Returns which conferences changed."""
    every = [fact for event in events for fact in transitions.occurrences(event)]
    told = [fact for fact in every if not transitions.is_of_call(fact.subject)]
    relabelled = _places_of(calls.legs_named_in(events))
    ids = {_id(place) for place in relabelled} | {fact.subject.partition(":")[2] for fact in told}
    conferences = rows.locked(Conference, "id", ids)
    stay_rows.remember(every)
    if not conferences:
        return set()
    for fact in told:
        transitions.fold(conferences[fact.subject.partition(":")[2]], [fact])
    settle(conferences, _touched(told) | relabelled)
    proof.by_facts(conferences.values(), events[-1].id)
    return {("conference", conference_id) for conference_id in conferences}


def _id(place: Place) -> str:
    return place[0].partition(":")[2]


def _places_of(legs: set[str]) -> set[Place]:
    """Where these legs are or were: their labels and their queue show there. A hang-up may date an end anew,
    and digits that were keyed may have been keyed in a stay that is over."""
    return {(transitions.subject(conference_id), leg) for conference_id, leg in _PLACES.tuples(legs)}


def _touched(told: Iterable[Occurrence]) -> set[Place]:
    """Whose stays these facts may change. An end touches everybody who was ever there."""
    ended = {fact.subject.partition(":")[2] for fact in told if fact.kind == "ended"}
    everybody = {(transitions.subject(conference_id), leg) for conference_id, leg in _PLACES_IN.tuples(ended)}
    return everybody | {
        (fact.subject, fact.leg) for fact in told if fact.leg and fact.kind not in {"floor", "created"}
    }


def settle(conferences: Mapping[str, Conference], places: set[Place]) -> None:
    """Make the stays in these places and the rows of their conferences what the facts say."""
    _settle_stays(conferences, places)
    _start(conferences)
    for conference in conferences.values():
        conference.version += 1
    rows.write(Conference, conferences.values())


def _settle_stays(conferences: Mapping[str, Conference], places: set[Place]) -> None:
    """Recompute the stays of each (conference, leg) from all its facts, and make the rows equal to them."""
    # Of a forgotten conference the facts are gone: a dead letter replayed later must not empty it.
    places = {place for place in places if conferences[_id(place)].forgotten_at is None}
    if not places:
        return
    of_calls = {leg: (transitions.call_subject(leg), leg) for _, leg in places}
    facts, existing = stay_rows.facts_of({*places, *of_calls.values()}), _participants_of(places)
    hung_up = stay_rows.hang_ups(leg for _, leg in places)
    rewrite = stay_rows.Rewrite(Participant)
    for place in sorted(places):
        leg, conference = place[1], conferences[_id(place)]
        about = [*facts[place], *facts[of_calls[leg]]]
        found = transitions.people(about, hung_up.get(leg), conference.ended_at)
        rewrite.match(existing[place], found, conference_id=conference.id, call_control_id=leg)
    rewrite.write()


def _participants_of(places: set[Place]) -> dict[Place, list[Participant]]:
    found: dict[Place, list[Participant]] = defaultdict(list)
    for row in _STAYS.rows({_id(place) for place in places}, {leg for _, leg in places}):
        found[transitions.subject(row.conference_id), row.call_control_id].append(row)
    return found


def _start(conferences: Mapping[str, Conference]) -> None:
    """When each began, as far as anything tells: its creation, else the first who joined."""
    unknown = [conference.id for conference in conferences.values() if conference.created_at is None]
    first = dict(_JOINED.tuples(unknown))  # the last of each is the earliest
    for conference in conferences.values():
        conference.started_at = conference.created_at or first.get(conference.id)
