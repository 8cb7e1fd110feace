"""What events mean for a conference and the people in it. Pure: no database, no clock.

occurrences   an event → the facts in it about conferences
fold          a fact → the conference's own fields (each group keeps the newest fact)
people        all facts about one leg → its stays, each with the fields of a participant
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from telephony.events import Event
from telephony.facts import Dated, Occurrence, key, moment, write
from telephony.stays import End, Stay, stays

# Telnyx's event type → our kind of fact. Whether it is about a person or everybody is in its payload.
_WEBHOOKS = {
    "conference.created": "created",
    "conference.ended": "ended",
    "conference.participant.joined": "joined",
    "conference.participant.left": "left",
    "conference.floor.changed": "floor",
    "conference.playback.started": "playing",
    "conference.playback.ended": "played",
    "conference.speak.started": "speaking",
    "conference.speak.ended": "spoken",
    "conference.participant.playback.started": "playing",
    "conference.participant.playback.ended": "played",
    "conference.participant.speak.started": "speaking",
    "conference.participant.speak.ended": "spoken",
    "conference.recording.saved": "recording_saved",
}
# Their payload's call ids, if any, are the conference creator's, not those of who hears it.
_FOR_EVERYBODY = {
    "conference.ended",
    "conference.playback.started",
    "conference.playback.ended",
    "conference.speak.started",
    "conference.speak.ended",
    "conference.recording.saved",
}
# An accepted command → the fact that it is. Telnyx announces none of these by webhook.
_REPLIES = {
    "reply.mute": "muted",
    "reply.unmute": "unmuted",
    "reply.hold": "held",
    "reply.resume": "resumed",
    "reply.record": "recording_started",
    "reply.pause": "recording_paused",
    "reply.resume-recording": "recording_resumed",
    "reply.stop": "recording_stopped",
}
MEMBERSHIP = frozenset({"joined", "left"})
_DETAILS = ("reason", "media_url", "media_name", "recording_id", "channels", "format", "by")


def subject(conference_id: str) -> str:
    return f"conference:{conference_id}"


def occurrences(event: Event) -> list[Occurrence]:
    """The facts about conferences in one event; none for events that are about something else."""
    conference_id = event.payload.get("conference_id")
    if not isinstance(conference_id, str) or not 0 < len(conference_id) <= 100:
        return []
    if event.type in _WEBHOOKS:
        return [_of_webhook(event, conference_id)]
    if event.type in _REPLIES:
        return list(_of_reply(event, conference_id))
    if event.type == "read.conference":
        return list(_of_read(event, conference_id))
    return []


def _of_webhook(event: Event, conference_id: str) -> Occurrence:
    everybody = event.type in _FOR_EVERYBODY
    leg = "" if everybody else str(event.payload.get("call_control_id") or "")
    detail = {name: event.payload[name] for name in _DETAILS if event.payload.get(name) is not None}
    return Occurrence(
        event.id, subject(conference_id), leg, _WEBHOOKS[event.type], event.at, event.source, detail
    )


def _of_reply(event: Event, conference_id: str) -> Iterator[Occurrence]:
    detail = {name: event.payload[name] for name in _DETAILS if event.payload.get(name) is not None}
    for leg in event.payload.get("legs") or [""]:
        kind = _REPLIES[event.type]
        yield Occurrence(event.id, subject(conference_id), leg, kind, event.at, event.source, detail)


def _of_read(event: Event, conference_id: str) -> Iterator[Occurrence]:
    """A read carries only what it found to be otherwise: see `conferences.reads`."""
    about = subject(conference_id)

    def told(kind: str, leg: str = "", at: datetime | None = None, **detail: Any) -> Occurrence:
        return Occurrence(event.id, about, leg, kind, at or event.at, event.source, detail)

    if event.payload.get("conference"):
        yield told("named", **event.payload["conference"])
    if event.payload.get("ended"):
        end = event.payload["ended"]
        yield told("ended", at=moment(end.get("at")), reason=str(end.get("reason") or ""))
    for leg, joined_at in event.payload.get("joined", {}).items():
        yield told("joined", leg, moment(joined_at))
    for leg in event.payload.get("left", []):
        yield told("left", leg)
    for leg, muted in event.payload.get("muted", {}).items():
        yield told("muted" if muted else "unmuted", leg)
    for leg, held in event.payload.get("on_hold", {}).items():
        yield told("held" if held else "resumed", leg)


class ConferenceRow(Protocol):
    """The fields of a `Conference` that facts write."""

    keys: dict[str, str]
    status: str
    ended_at: datetime | None
    recording: str
    recording_at: datetime | None


def fold(conference: Any, facts: Iterable[Dated]) -> bool:
    """Fold facts into the conference's own fields. True if a field was written."""
    written = [_fold_one(conference, fact) for fact in facts]
    return any(written)


def _fold_one(conference: Any, fact: Dated) -> bool:
    if fact.kind in _PERSONAL and fact.leg:
        return False
    writer = _WRITERS.get(fact.kind)
    return bool(writer and writer(conference, fact, key(fact)))


def _created(conference: Any, fact: Dated, by: str) -> bool:
    wrote = write(conference, "creator", by, creator_leg=fact.leg)
    return write(conference, "created", by, created_at=fact.at) or wrote


def _named(conference: Any, fact: Dated, by: str) -> bool:
    """What a GET tells: name, region, connection, times. A conference never comes back from its end."""
    told = fact.detail
    wrote = [
        write(conference, name, by, **{name: str(told[name])[:255]})
        for name in ("name", "region", "connection_id")
        if told.get(name)
    ]
    if told.get("expires_at"):
        wrote.append(write(conference, "expires", by, expires_at=moment(told["expires_at"])))
    if told.get("created_at"):
        stronger = key(fact, strength=1)
        wrote.append(write(conference, "created", stronger, created_at=moment(told["created_at"])))
    if told.get("status") in {"init", "in_progress"}:
        status = "completed" if conference.ended_at else told["status"]
        wrote.append(write(conference, "status", by, status=status))
    return any(wrote)


def _ended(conference: Any, fact: Dated, by: str) -> bool:
    """The webhook is proof and beats a read's guess, whichever came first."""
    by = key(fact, strength=1 if fact.source == "webhook" else 0)
    reason = str(fact.detail.get("reason", ""))[:40]
    return write(conference, "ended", by, status="completed", ended_at=fact.at, end_reason=reason)


def _floor(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "floor", by, floor_leg=fact.leg, floor_at=fact.at)


def _playing(conference: Any, fact: Dated, by: str) -> bool:
    media = str(fact.detail.get("media_name") or fact.detail.get("media_url") or "")[:500]
    return write(conference, "playing", by, playing_since=fact.at, playing_media=media)


def _played(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "playing", by, playing_since=None, playing_media="")


def _speaking(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "speaking", by, speaking_since=fact.at)


def _spoken(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "speaking", by, speaking_since=None)


def _recording(conference: Any, fact: Dated, by: str) -> bool:
    state = "on" if fact.kind in {"recording_started", "recording_resumed"} else "off"
    state = "paused" if fact.kind == "recording_paused" else state
    return write(conference, "recording", by, recording=state, recording_at=fact.at)


def _saved(conference: Any, fact: Dated, by: str) -> bool:
    recording_id = str(fact.detail.get("recording_id", ""))[:100]
    wrote = write(conference, "saved", by, recording_id=recording_id)
    return _recording(conference, fact, by) or wrote


# Facts that are about one person when they name a leg: `person` folds those.
_PERSONAL = frozenset({"playing", "played", "speaking", "spoken"})
_WRITERS = {
    "created": _created,
    "named": _named,
    "ended": _ended,
    "floor": _floor,
    "playing": _playing,
    "played": _played,
    "speaking": _speaking,
    "spoken": _spoken,
    "recording_started": _recording,
    "recording_paused": _recording,
    "recording_resumed": _recording,
    "recording_stopped": _recording,
    "recording_saved": _saved,
}


def people(
    facts: Iterable[Dated], hung_up_at: datetime | None, ended_at: datetime | None
) -> list[tuple[Stay, dict[str, Any]]]:
    """The stays of one leg in one conference, with the participant's fields; all facts about it are given."""
    ends = [End(hung_up_at, "hangup")] if hung_up_at else []
    ends += [End(ended_at, "conference ended")] if ended_at else []
    return [(stay, person(stay)) for stay in stays(facts, opens="joined", closes="left", ends=ends)]


def person(stay: Stay) -> dict[str, Any]:
    """The fields of a participant. Telnyx's defaults at joining: not muted, not on hold."""
    state: dict[str, Any] = {
        "opened_by": stay.opened_by,
        "joined_at": stay.opened_at,
        "left_at": stay.closed_at,
        "left_because": stay.because[:40],
        "muted": False,
        "muted_at": None,
        "on_hold": False,
        "held_at": None,
        "playing_since": None,
        "speaking_since": None,
    }
    for fact in stay.during:
        state |= _CHANGES.get(fact.kind, _nothing)(state, fact)
    return state


def _nothing(state: Mapping[str, Any], fact: Dated) -> dict[str, Any]:
    return {}


def _since(flag: str, field: str, on: bool) -> Any:
    """Turn a flag; its time is when it turned, so a repeated fact does not start the clock again."""

    def change(state: Mapping[str, Any], fact: Dated) -> dict[str, Any]:
        if state[flag] == on:
            return {}
        return {flag: on, field: fact.at if on else None}

    return change


_CHANGES: Mapping[str, Any] = {
    "muted": _since("muted", "muted_at", True),
    "unmuted": _since("muted", "muted_at", False),
    "held": _since("on_hold", "held_at", True),
    "resumed": _since("on_hold", "held_at", False),
    "playing": lambda state, fact: {"playing_since": fact.at},
    "played": lambda state, fact: {"playing_since": None},
    "speaking": lambda state, fact: {"speaking_since": fact.at},
    "spoken": lambda state, fact: {"speaking_since": None},
}
