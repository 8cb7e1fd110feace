"""Fold events into recordings: lock, remember the facts, then take from the conference's facts the rest.

Runs after the conferences' projection: that has remembered the facts, and holds the conference's lock.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from recordings import transitions
from recordings.models import Recording, Voice, touch_list
from telephony import calls, rows, stay_rows
from telephony.events import Event
from telephony.facts import Occurrence
from telephony.models import Call, Fact
from telephony.projection import Change
from telephony.statements import Select

# Only these can end a recording that is not saved yet.
_ENDINGS = {"conference.ended", "reply.stop", "reply.record", "read.conference"}

_IN = Select(Recording, "conference_id IN {}", "conference_id")
_HEARD = Select(Voice, "leg IN {}", "recording__conference_id")
_BEGUN = Select(Fact, "subject IN {} AND kind = 'recording_started'", "subject")


def project(events: Sequence[Event]) -> set[Change]:
    """One batch of events, inside the frame's transaction. Returns which recordings changed."""
    told = [fact for event in events for fact in transitions.occurrences(event)]
    written = fold(told)
    return settle(written | _concerned(events), told)


def fold(told: Sequence[Occurrence]) -> set[str]:
    """Write facts into recordings, made if missing. Returns the ids of their conferences."""
    found = rows.locked(Recording, "recording_id", (_id(fact) for fact in told))
    if not found:
        return set()
    stay_rows.remember(told)
    for fact in told:
        transitions.fold(found[_id(fact)], [fact])
    for recording in found.values():
        recording.version += 1
    rows.write(Recording, found.values())
    return {recording.conference_id for recording in found.values()}


def _id(fact: Occurrence) -> str:
    return fact.subject.partition(":")[2]


def _concerned(events: Sequence[Event]) -> set[str]:
    """The conferences with recordings that these events may tell something of."""
    conferences = {id_ for event in events if (id_ := _named(event))}
    legs = calls.legs_named_in(events)
    found: set[str] = set()
    if conferences:
        found |= _IN.firsts(conferences) | _begun(events, conferences)
    return found | _HEARD.firsts(legs)


def _named(event: Event) -> str:
    """The conference's id; "" without one, or with what cannot be one."""
    told = event.payload.get("conference_id")
    return told if isinstance(told, str) and len(told) <= 100 else ""


def _begun(events: Iterable[Event], conferences: set[str]) -> set[str]:
    """Of the conferences that these events may end, those that somebody began to record."""
    ending = {_named(event) for event in events if event.type in _ENDINGS}
    subjects = [f"conference:{id_}" for id_ in ending & conferences]
    return {subject.partition(":")[2] for subject in _BEGUN.firsts(subjects)}


def settle(conferences: Iterable[str], told: Sequence[Occurrence] = ()) -> set[Change]:
    """Take name, people and pauses of these conferences' recordings from the facts, and find unsaved ones.

    What was `told` is new already. Of a conference whose facts are forgotten nothing is changed.
    """
    wanted = sorted(set(conferences) - {""})
    if not (wanted or told):
        return set()
    facts, changed = _facts(wanted), {_id(fact) for fact in told}
    there: dict[str, list[Recording]] = defaultdict(list)
    ours = Recording.objects.filter(conference_id__in=wanted, forgotten_at=None)
    for recording in ours.order_by("pk").select_for_update():
        there[recording.conference_id].append(recording)
    changes = _known(changed)
    for conference_id in wanted:
        if facts[conference_id]:
            changes |= _settle_one(conference_id, facts[conference_id], there[conference_id])
    if changes:
        touch_list()
    return {("recording", str(pk)) for pk in changes}


def _facts(conferences: Sequence[str]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    kinds = [*transitions.KINDS, *transitions.RUNS]
    about = Fact.objects.filter(subject__in=[f"conference:{id_}" for id_ in conferences], kind__in=kinds)
    for fact in about.order_by("at", "rank", "event") if conferences else []:
        found[fact.subject.partition(":")[2]].append(fact)
    return found


def _known(recording_ids: set[str]) -> set[int]:
    found = Recording.objects.filter(recording_id__in=recording_ids) if recording_ids else None
    return set(found.values_list("pk", flat=True)) if found is not None else set()


def _settle_one(conference_id: str, facts: Sequence[Fact], recordings: Sequence[Recording]) -> set[int]:
    saved = [recording for recording in recordings if recording.is_saved]
    windows = [(one.at, one.ended_at) for one in saved if one.at and one.ended_at]
    waiting = {one.begun_by: one for one in recordings if not one.is_saved}
    changes: set[int] = set()
    for run in transitions.unsaved(facts, windows):
        row = waiting.pop(run.begun_by, None) or Recording(begun_by=run.begun_by)
        row.conference_id = conference_id
        changes |= _write(row, facts, run.since, run.until)
    for row in waiting.values():
        changes.add(row.pk)
        row.delete()
    for row in saved:
        if row.at and row.ended_at:
            changes |= _write(row, facts, row.at, row.ended_at)
    return changes


def _write(row: Recording, facts: Sequence[Fact], since: datetime, until: datetime) -> set[int]:
    """Make a row and its voices what the facts say. Returns its number if anything was otherwise."""
    legs = transitions.voices(facts, since, until)
    about = {call.call_control_id: call for call in Call.objects.filter(call_control_id__in=legs)}
    values = {"at": since, "ended_at": until, "name": transitions.name(facts) or row.name}
    values |= _lengths(facts, since, until) | {"queue": _queue(legs, about, until) or row.queue}
    changed = any(getattr(row, name) != value for name, value in values.items())
    if changed or row.pk is None:
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        changed = True
    if _write_voices(row, legs, about) and not changed:
        row.version += 1
        row.save(update_fields=["version"])
        changed = True
    return {row.pk} if changed else set()


def _lengths(facts: Sequence[Fact], since: datetime, until: datetime) -> dict[str, Any]:
    found = transitions.pauses(facts, since, until)
    out = sum(((pause.until or until) - pause.since).total_seconds() for pause in found)
    return {
        "length_seconds": round(max((until - since).total_seconds(), 0)),
        "pauses": [
            [pause.since.isoformat(), (pause.until or until).isoformat(), pause.by] for pause in found
        ],
        "pause_count": len(found),
        "paused_seconds": round(out),
        "paused_at_end": bool(found) and found[-1].until is None,
    }


def _queue(legs: Sequence[str], about: dict[str, Call], until: datetime) -> str:
    """Where the first of them waited who waited at all; where they went afterwards is another's."""
    queues = (about[leg].queue_before(until) for leg in legs if leg in about)
    return next(filter(None, queues), "")


def _write_voices(row: Recording, legs: Sequence[str], about: dict[str, Call]) -> bool:
    """A number that is forgotten elsewhere stays here as long as the recording."""
    here = {voice.leg: voice for voice in row.voices.all()}
    changed = False
    for place, leg in enumerate(legs):
        voice = here.pop(leg, None) or Voice(recording=row, leg=leg)
        number = (about[leg].far_number if leg in about else "") or voice.number
        if voice.pk is None or (voice.place, voice.number) != (place, number):
            voice.place, voice.number = place, number
            voice.save()
            changed = True
    for voice in here.values():
        voice.delete()
    return changed or bool(here)
