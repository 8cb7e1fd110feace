"""What events mean for recordings. Pure: no database, no clock.

occurrences   an event → the facts in it about recordings
fold          a fact → the recording's own fields (each keeps the newest fact)
pauses        a conference's facts → what one recording left out
voices        a conference's facts → the legs that were there while it ran
unsaved       a conference's facts → recordings that ended, of which nothing was saved yet
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from telephony.events import Event
from telephony.facts import Dated, Occurrence, key, moment, write

SAVED, READ, DELETED = "conference.recording.saved", "read.recording", "reply.delete-recording"
# What is read of a conference's facts here.
KINDS = ("named", "joined", "left", "ended")
RUNS = ("recording_started", "recording_paused", "recording_resumed", "recording_stopped")
# Telnyx's and our clock may differ, and a reply is dated when it arrives.
NEAR = timedelta(seconds=10)
# What Telnyx tells, and how much of it is kept.
_TEXTS = {"conference_id": 100, "channels": 10, "format": 10, "source": 20, "initiated_by": 60}


def subject(recording_id: str) -> str:
    return f"recording:{recording_id}"


def occurrences(event: Event) -> list[Occurrence]:
    """The facts about recordings in one event. Addresses of sound are left out: they open it."""
    recording_id = event.payload.get("recording_id")
    if not isinstance(recording_id, str) or not 0 < len(recording_id) <= 100:
        return []
    kind = _kind(event)
    if not kind:
        return []
    detail = dict(_told(event.payload))
    return [Occurrence(event.id, subject(recording_id), "", kind, event.at, event.source, detail)]


def _kind(event: Event) -> str:
    if event.type == READ:
        return "recording_gone" if event.payload.get("gone") else "recording_read"
    return {SAVED: "recording_saved", DELETED: "recording_deleted"}.get(event.type, "")


_DETAILS = (
    *_TEXTS,
    *("recording_started_at", "recording_ended_at", "duration_millis", "status", "by", "because"),
)


def _told(payload: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in _DETAILS:
        if isinstance(payload.get(name), str | int):
            yield name, payload[name]


def fold(recording: Any, facts: Iterable[Dated]) -> bool:
    """Fold facts into the recording's own fields. True if a field was written."""
    written = [_WRITERS[fact.kind](recording, fact, key(fact)) for fact in facts]
    return any(written)


def _saved(recording: Any, fact: Dated, by: str) -> bool:
    """A webhook or a read: what Telnyx says that it has."""
    told = fact.detail
    values: dict[str, Any] = {
        name: str(told[name])[:longest] for name, longest in _TEXTS.items() if told.get(name)
    }
    if told.get("status"):
        values["telnyx_status"] = str(told["status"])[:20]
    if isinstance(told.get("duration_millis"), int) and told["duration_millis"] >= 0:
        values["duration_millis"] = told["duration_millis"]
    wrote = [write(recording, name, by, **{name: value}) for name, value in values.items()]
    return any([*wrote, write(recording, "gone", by, gone_at=None), _dated(recording, fact)])


def _dated(recording: Any, fact: Dated) -> bool:
    """What Telnyx does not date counts as of the fact; a time that Telnyx told is never lost to that."""
    since, until = (moment(fact.detail.get(f"recording_{edge}_at")) for edge in ("started", "ended"))
    wrote = write(recording, "since", _stronger(fact, since, until), at=since or until or fact.at)
    return write(recording, "until", _stronger(fact, until), ended_at=until or fact.at) or wrote


def _stronger(fact: Dated, *told: datetime | None) -> str:
    return key(fact, strength=sum(time is not None for time in told))


def _deleted(recording: Any, fact: Dated, by: str) -> bool:
    who, why = str(fact.detail.get("by", ""))[:100], str(fact.detail.get("because", ""))[:200]
    return write(recording, "deleted", by, deleted_at=fact.at, deleted_by=who, deleted_because=why)


def _gone(recording: Any, fact: Dated, by: str) -> bool:
    return write(recording, "gone", by, gone_at=fact.at)


_WRITERS = {
    "recording_saved": _saved,
    "recording_read": _saved,
    "recording_deleted": _deleted,
    "recording_gone": _gone,
}


# --- what a conference's facts tell, in their order --------------------------------------------------
@dataclass(frozen=True, slots=True)
class Pause:
    """Not recorded from `since` to `until` (None: to the end, or still)."""

    since: datetime
    until: datetime | None
    by: str


def pauses(facts: Sequence[Dated], since: datetime, until: datetime) -> list[Pause]:
    """The stretches within `since` and `until` that were not recorded. `until` None: paused to its end."""
    found: list[Pause] = []
    begun: Dated | None = None
    for fact in facts:
        if begun and fact.kind != "recording_paused" and fact.kind in RUNS:
            found.append(Pause(begun.at, fact.at, str(begun.detail.get("by", ""))))
            begun = None
        if fact.kind == "recording_paused":
            begun = begun or fact
    if begun:
        found.append(Pause(begun.at, None, str(begun.detail.get("by", ""))))
    return [cut for pause in found if (cut := _within(pause, since, until))]


def _within(pause: Pause, since: datetime, until: datetime) -> Pause | None:
    begun = max(pause.since, since)
    ended = pause.until if pause.until and pause.until < until else None
    return Pause(begun, ended, pause.by) if begun < (ended or until) else None


def voices(facts: Sequence[Dated], since: datetime, until: datetime) -> list[str]:
    """The legs that were there at any time between the two, in the order of joining."""
    there: dict[str, datetime | None] = {}
    heard: list[str] = []
    for fact in facts:
        if fact.kind == "joined" and fact.at <= until:
            there[fact.leg] = fact.at
        elif fact.kind == "left" and there.get(fact.leg):
            if fact.at > since:
                heard.append(fact.leg)
            there[fact.leg] = None
    present = {leg for leg, at in there.items() if at} | set(heard)
    return [leg for leg in there if leg in present]


@dataclass(frozen=True, slots=True)
class Run:
    """A recording that somebody began and that has ended."""

    begun_by: str
    since: datetime
    until: datetime


def unsaved(facts: Sequence[Dated], saved: Iterable[tuple[datetime, datetime]]) -> list[Run]:
    """Runs that ended and that no saved recording (from, until) covers."""
    windows = list(saved)
    return [run for run in _runs(facts) if not any(_covers(window, run) for window in windows)]


def _runs(facts: Sequence[Dated]) -> Iterator[Run]:
    begun: Dated | None = None
    for fact in facts:
        if fact.kind == "recording_started":
            begun = begun or fact
        elif begun and fact.kind in {"recording_stopped", "ended"}:
            yield Run(begun.event, begun.at, fact.at)
            begun = None


def _covers(window: tuple[datetime, datetime], run: Run) -> bool:
    both = min(window[1], run.until) - max(window[0], run.since)
    alike = abs(window[0] - run.since) <= NEAR and abs(window[1] - run.until) <= NEAR
    return alike or (both > timedelta() and 2 * both >= run.until - run.since)


def name(facts: Sequence[Dated]) -> str:
    """The newest name that a read told."""
    told = [str(fact.detail["name"]) for fact in facts if fact.kind == "named" and fact.detail.get("name")]
    return told[-1][:255] if told else ""
