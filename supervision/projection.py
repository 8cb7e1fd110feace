"""Fold events into supervisions: remember the facts, lock the records that they touch, make them anew."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

import bridged_calls.projection
import conferences.transitions
from conferences.models import Conference
from dashboard import attempts
from dashboard.models import Command
from supervision import bridged, transitions, words
from supervision.models import Supervision, turn
from supervision.transitions import Line, Step, Told, subject
from telephony import stay_rows, stays
from telephony.events import Event
from telephony.facts import Occurrence
from telephony.models import Call, Fact
from telephony.projection import Change
from telephony.statements import Select
from telephony.stay_rows import Place

# The events that a supervision's leg takes part in, beside those with our mark.
_OF_LEGS = {
    "call.initiated",
    "call.answered",
    "call.hangup",
    "conference.participant.joined",
    "conference.participant.left",
}

_ABOUT = Select(
    Supervision,
    "(id IN {} OR root IN {} OR leg IN {} OR conference_id IN {} OR bridged_stay IN {})"
    " AND forgotten_at IS NULL",
    "id",
)


def project(events: Sequence[Event]) -> set[Change]:
    """One batch of events, inside the frame's transaction, after the calls' and the conferences' own."""
    told = [fact for event in events for fact in transitions.occurrences(event)]
    stay_rows.remember(told)
    return settle(_touched(told, events))


def _touched(told: Iterable[Occurrence], events: Sequence[Event]) -> set[UUID]:
    named = [number for fact in told if (number := number_of(fact.subject))]
    ended = {str(event.payload.get("conference_id", "")) for event in events if _is_end(event)} - {""}
    legs = {leg for event in events for leg in _legs(event)} - {""}
    return _ABOUT.firsts(named, named, legs, ended, bridged.touched(events))


def number_of(about: str) -> UUID | None:
    """The supervision that a fact is about; None for a mark that is not a number of ours."""
    try:
        return UUID(about.partition(":")[2])
    except ValueError:
        return None


def _is_end(event: Event) -> bool:
    return event.type == "conference.ended" or (event.type == "read.conference" and "ended" in event.payload)


def _legs(event: Event) -> Iterable[str]:
    if event.type in _OF_LEGS:
        return [str(event.payload.get("call_control_id", ""))]
    if event.type == "read.conference":
        return [*event.payload.get("joined", {}), *event.payload.get("left", [])]
    return []


def settle(numbers: Iterable[UUID]) -> set[Change]:
    """Make these records what the facts say. Returns the supervisors, and the conferences and calls that show
    something new: the outcome of a press is in the conference's story too."""
    if not (numbers := set(numbers)):
        return set()
    changes = _bump_conferences(numbers)
    wanted = Supervision.objects.filter(pk__in=numbers)
    if over := set(wanted.exclude(bridged_stay="").values_list("bridged_stay", flat=True)):
        bridged_calls.projection.hold(over)
    rows = list(wanted.order_by("pk").select_for_update())
    if not rows:
        return changes
    facts = _own(rows)
    for row in rows:
        row.leg = transitions.leg_of([*facts[str(row.root)], *facts[str(row.pk)]]) or row.leg
    lines = lines_of({row.leg for row in rows if row.leg})
    places, ends = _stays(rows, lines), _ends({row.conference_id for row in rows})
    calls_over = bridged.ends(rows)
    for row in rows:
        own = facts[str(row.pk)] + (_of_root(facts[str(row.root)]) if row.root != row.pk else [])
        stay = places.get((row.conference_id, row.leg), [])[row.number : row.number + 1]
        told = Told(
            role=row.asked_role,
            whisper_to=row.asked_to,
            own=own,
            line=_line_of(row, lines),
            stay=stay[0] if stay else None,
            ended=ends.get(row.conference_id),
            moved=row.moved_at is not None,
        )
        _write(row, _on_a_call(told, calls_over.get(row.bridged_stay)) if row.bridged_stay else told)
    turn({row.user_id for row in rows})
    return changes | {("supervision", str(row.user_id)) for row in rows} | bridged.tell(rows)


def _bump_conferences(numbers: set[UUID]) -> set[Change]:
    """Before the records are locked: a press locks the conference first; two orders would be a deadlock."""
    about = Supervision.objects.filter(pk__in=numbers).exclude(conference_id="").order_by()
    found = sorted(set(about.values_list("conference_id", flat=True)))
    for conference_id in found:
        Conference.objects.filter(pk=conference_id).update(version=F("version") + 1)
    return {("conference", conference_id) for conference_id in found}


def _on_a_call(told: Told, end: Step | None) -> Told:
    """The same without a conference: there is no stay in one, and what ends is the call."""
    return replace(told, stay=bridged.stay(told.line, end), ended=end, place="call")


def _own(rows: Iterable[Supervision]) -> Mapping[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    about = {subject(str(number)) for row in rows for number in (row.pk, row.root)}
    for fact in Fact.objects.filter(subject__in=about):
        found[fact.subject.partition(":")[2]].append(fact)
    return found


def _of_root(facts: Iterable[Fact]) -> list[Fact]:
    """What the facts about the dial say of a leg that went on: only that it is gone."""
    return [fact for fact in facts if fact.kind == "gone"]


def _line_of(row: Supervision, lines: Mapping[str, Line]) -> Line:
    """Of a leg that came over from another conference, only its end is a step here."""
    line = lines.get(row.leg, Line())
    return line if row.root == row.pk else replace(line, initiated=None, answered=None)


def lines_of(legs: set[str]) -> dict[str, Line]:
    """The calls of these legs, as far as anything told of them."""
    return {call.call_control_id: _line(call) for call in Call.objects.filter(call_control_id__in=legs)}


def _line(call: Call) -> Line:
    def step(name: str, at: Any) -> Step | None:
        return Step(at, call.keys.get(name, "").split("|", 3)[-1]) if at else None

    return Line(
        step("initiated_at", call.initiated_at),
        step("answered_at", call.answered_at),
        step("ended_at", call.ended_at),
        call.hangup_cause,
    )


def _stays(rows: Iterable[Supervision], lines: Mapping[str, Line]) -> dict[Place, list[stays.Stay]]:
    """Each leg's stays in each conference, by (conference, leg)."""
    inside = [row for row in rows if row.leg and row.conference_id]
    wanted = {(conferences.transitions.subject(row.conference_id), row.leg) for row in inside}
    found = stay_rows.facts_of(wanted) if wanted else {}
    ends = _ends({about.partition(":")[2] for about, _ in wanted})
    result = {}
    for (about, leg), facts in found.items():
        conference_id = about.partition(":")[2]
        line, end = lines.get(leg, Line()), ends.get(conference_id)
        closes = [stays.End(line.ended.at, "hangup")] if line.ended else []
        closes += [stays.End(end.at, "conference ended")] if end else []
        there = [fact for fact in facts if fact.kind in {"joined", "left"}]
        result[conference_id, leg] = stays.stays(there, opens="joined", closes="left", ends=closes)
    return result


def _ends(conference_ids: set[str]) -> dict[str, Step]:
    ended = Conference.objects.filter(pk__in=conference_ids, ended_at__isnull=False)
    return {
        one.pk: Step(one.ended_at, one.keys.get("ended", "").split("|", 3)[-1])
        for one in ended
        if one.ended_at
    }


def _write(row: Supervision, told: Told) -> None:
    before = row.state
    for name, value in transitions.record(told).items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    if row.state == Supervision.State.CONNECTED:
        _prove(row)
    elif row.state == Supervision.State.ENDED:
        _prove(row, leaving=True)
    elif row.state == Supervision.State.FAILED and before != row.state:
        _fail(row)


def _prove(row: Supervision, *, leaving: bool = False) -> None:
    """Joined, the press that dialled is done, and so is the one that left when it is over. A hang-up that
    came before the news of joining may have called the press failed: that is taken back."""
    begun = Command.objects.filter(subject=row.subject, action__in=["listen", "whisper", "barge"])
    called_failed = begun.filter(state=Command.State.FAILED).exclude(shown_by="")
    shown = attempts.undecided([row.subject]).filter(action__in=["listen", "whisper", "barge"])
    done = [*shown, *called_failed] if row.connected_at else []
    if leaving:
        done += attempts.undecided([row.subject]).filter(action="leave")
    if done:
        attempts.proven(done, row.proofs.get("ended" if leaving else "connected", ""))


def _fail(row: Supervision) -> None:
    """The press was accepted, and yet nobody joined: the log says why."""
    pressed = Command.objects.filter(subject=row.subject, action__in=["listen", "whisper", "barge"])
    pressed.exclude(state__in=[Command.State.REFUSED, Command.State.FAILED]).update(
        state=Command.State.FAILED,
        reason=words.cause(row.reason)[:400],
        settled_at=Coalesce("settled_at", timezone.now()),
        next_try_at=None,
        shown_by=row.proofs.get("ended", "")[:200],
    )
