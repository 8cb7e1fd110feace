"""When a conversation stood still: the agent was on hold in it, or a caller."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from agents import places
from agents.day import Span, held
from agents.places import Place
from dashboard.legs import legs
from telephony.facts import Dated
from telephony.models import Fact
from telephony.statements import Select

_TURNS = {"held": True, "resumed": False}
_HELD = Select(Fact, "subject IN {} AND kind IN ('held', 'resumed') AND leg <> ''", order="at, rank, event")
_OnePlace = tuple[str, str]  # a subject and a leg there


def of(there: Sequence[Place]) -> Mapping[Place, tuple[Span, ...]]:
    """For each place of an agent's leg: when that leg, or a caller there, was held."""
    told = _told({place.subject for place in there})
    own = {(place.subject, place.leg) for place in there}
    spans = _spans([place for place in there if (place.subject, place.leg) in told], told)
    others = _spans(_of_callers(told.keys() - own), told)
    beside: dict[str, list[Span]] = defaultdict(list)
    for place, some in others.items():
        beside[place.subject] += some
    return {place: (*spans.get(place, ()), *beside[place.subject]) for place in there}


def _told(subjects: set[str]) -> Mapping[_OnePlace, list[Fact]]:
    found: dict[_OnePlace, list[Fact]] = defaultdict(list)
    for fact in _HELD.rows(subjects):
        found[fact.subject, fact.leg].append(fact)
    return found


def _of_callers(those: Iterable[_OnePlace]) -> list[Place]:
    """Where and when the callers among those were."""
    wanted = set(those)
    about = legs({leg for _, leg in wanted}, full_numbers=False) if wanted else {}
    callers = {leg: one for leg, one in about.items() if one.kind in {"caller", "unknown"}}
    bridged = [leg for leg, one in callers.items() if one.call and one.call.bridged_at]
    return [place for place in places.of(callers, bridged) if (place.subject, place.leg) in wanted]


def _spans(those: Iterable[Place], told: Mapping[_OnePlace, Sequence[Fact]]) -> dict[Place, list[Span]]:
    found: dict[Place, list[Span]] = {}
    last: dict[_OnePlace, datetime | None] = {}
    for place in those:
        key = place.subject, place.leg
        found[place] = held(_turns(place, last.get(key), told[key]), place.left_at)
        last[key] = place.left_at
    return found


def _turns(
    place: Place, left_before: datetime | None, told: Iterable[Dated]
) -> Iterator[tuple[datetime, bool]]:
    """What was told of that stay. The command that brought somebody in on hold may be dated before it."""
    for fact in told:
        brought = fact.detail.get("entering") and (left_before is None or left_before <= fact.at)
        if (brought or place.since <= fact.at) and (place.left_at is None or fact.at < place.left_at):
            yield max(fact.at, place.since), _TURNS[fact.kind]
