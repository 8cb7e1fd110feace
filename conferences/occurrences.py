"""What one event tells of conferences and the people in them, as facts. Pure: no database, no clock.

Most facts are about a conference (`conference:<id>`). What somebody keys on a telephone names no conference:
it is about the call (`call:<call control id>`), and belongs to the stay that it was keyed in.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from telephony import marks
from telephony.events import Event
from telephony.facts import Occurrence, moment

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
_OF_CALLS = {"call.gather.ended": "keyed", "call.dtmf.received": "digit"}
# An accepted command → the fact that it is. Telnyx announces the first of these by no webhook, and by those
# that it sends for the others it does not say who asked.
_REPLIES = {
    "reply.mute": "muted",
    "reply.unmute": "unmuted",
    "reply.hold": "held",
    "reply.resume": "resumed",
    "reply.record": "recording_started",
    "reply.pause": "recording_paused",
    "reply.resume-recording": "recording_resumed",
    "reply.stop": "recording_stopped",
    "reply.play": "play_sent",
    "reply.speak": "speak_sent",
    "reply.gather": "asked",
}
# Accepted commands that set what somebody is, and those of them that bring somebody in.
# A supervisor's come with an answer that names the leg, or, if that was lost, with the mark on the leg.
_SUPERVISORS = frozenset({"reply.listen", "reply.whisper", "reply.barge"})
_ENTRIES = frozenset({"reply.join", "reply.create"}) | _SUPERVISORS
_SETTINGS = _ENTRIES | {"reply.role", "reply.exits", "reply.to-listen", "reply.to-whisper", "reply.to-barge"}
_MARKED = frozenset({"call.initiated", "call.answered"})
_DETAILS = (
    *("reason", "media_url", "media_name", "by"),
    *("recording_id", "channels", "format", "recording_started_at", "recording_ended_at"),
)
# Telnyx's names → ours.
_FLAGS = {
    "end_conference_on_exit": "end_on_exit",
    "soft_end_conference_on_exit": "soft_end_on_exit",
    "beep_enabled": "beep_enabled",
}
_IDENTITY = {"id": "participant_id", "label": "label", "whisper_call_control_ids": "whisper_to"}
_PLANS = ("max_participants", "duration_minutes")
_TOLD = ("name", "region", "connection_id", "created_at", "expires_at", "status")
_LONGEST_LEG, _LONGEST_DIGITS, _LONGEST_MEDIA = 255, 130, 500
_TAG = re.compile(r"<[^>]*>")
# Telnyx's are UUIDs. One that cannot stand in an address would be a row that no page can link to.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_ .:~-]{0,99}")


def subject(conference_id: str) -> str:
    return f"conference:{conference_id}"


def call_subject(leg: str) -> str:
    return f"call:{leg}"


def is_of_call(about: str) -> bool:
    return about.startswith("call:")


def occurrences(event: Event) -> list[Occurrence]:
    """The facts about conferences in one event; none for events that are about something else."""
    if event.type in _OF_CALLS:
        return list(_of_call(event))
    if event.type in _MARKED:
        return list(_of_marked(event))
    conference_id = event.payload.get("conference_id") or _made(event).get("id")
    if not isinstance(conference_id, str) or not _ID.fullmatch(conference_id):
        return []
    if event.type in _WEBHOOKS:
        return [_of_webhook(event, conference_id)]
    if event.type in _REPLIES:
        return list(_of_reply(event, conference_id))
    if event.type in _SETTINGS:
        return list(_of_settings(event, conference_id))
    if event.type == "read.conference":
        return list(_of_read(event, conference_id))
    return []


def _of_call(event: Event) -> Iterator[Occurrence]:
    leg = event.payload.get("call_control_id")
    if not isinstance(leg, str) or not 0 < len(leg) <= _LONGEST_LEG:
        return
    detail = {
        name: str(event.payload[name])[:_LONGEST_DIGITS]
        for name in ("digits", "digit", "status")
        if event.payload.get(name) is not None
    }
    yield Occurrence(event.id, call_subject(leg), leg, _OF_CALLS[event.type], event.at, event.source, detail)


def _of_marked(event: Event) -> Iterator[Occurrence]:
    """A leg that we dialled into a conference was dialled with a role."""
    mark, leg = marks.read(event.payload.get("client_state")), event.payload.get("call_control_id")
    if mark and isinstance(leg, str) and leg and _ID.fullmatch(mark.conference_id):
        detail = {"role": mark.role, "whisper_to": list(mark.whisper_to), "entering": True, "dialled": True}
        yield Occurrence(event.id, subject(mark.conference_id), leg, "role", event.at, event.source, detail)


def _of_webhook(event: Event, conference_id: str) -> Occurrence:
    everybody = event.type in _FOR_EVERYBODY
    leg = "" if everybody else str(event.payload.get("call_control_id") or "")
    return Occurrence(
        event.id, subject(conference_id), leg, _WEBHOOKS[event.type], event.at, event.source, _details(event)
    )


def _details(event: Event) -> dict[str, Any]:
    return {name: event.payload[name] for name in _DETAILS if event.payload.get(name) is not None}


# --- what an accepted command tells ------------------------------------------------------------------
def _of_reply(event: Event, conference_id: str) -> Iterator[Occurrence]:
    kind = _REPLIES[event.type]
    detail = _details(event) | _heard(kind, _options(event))
    for leg in event.payload.get("legs") or [""]:
        yield Occurrence(event.id, subject(conference_id), leg, kind, event.at, event.source, detail)


def _heard(kind: str, options: Mapping[str, Any]) -> dict[str, str]:
    """What is played or spoken, as the page says it."""
    if kind == "speak_sent":
        text = str(options.get("payload") or "")
        return {"what": _TAG.sub("", text) if options.get("payload_type") == "ssml" else text}
    return {"what": media(options)} if kind in {"play_sent", "held"} and media(options) else {}


def media(told: Mapping[str, Any]) -> str:
    """A stored name, or the file name of an address without its query, which may hold a key."""
    name = told.get("media_name")
    address = told.get("media_url") or told.get("audio_url") or ""
    return str(name or str(address).partition("?")[0].rstrip("/").rpartition("/")[2])[:_LONGEST_MEDIA]


def _of_settings(event: Event, conference_id: str) -> Iterator[Occurrence]:
    """What the answer says of a person or a new conference, and what was asked for and no answer repeats."""
    by = {"by": event.payload.get("by", "")}

    def told(kind: str, leg: str, detail: Mapping[str, Any]) -> Occurrence:
        return Occurrence(
            event.id, subject(conference_id), leg, kind, event.at, event.source, {**detail, **by}
        )

    made, options = _made(event), _options(event)
    if made:
        yield told("named", "", {name: made[name] for name in _TOLD if made.get(name) is not None})
    if made and any(options.get(name) for name in _PLANS):
        yield told("planned", "", {name: options[name] for name in _PLANS if options.get(name)})
    dialled = _answer(event).get("call_control_id") if event.type in _SUPERVISORS else None
    for leg in event.payload.get("legs") or ([dialled] if dialled else []):
        for kind, detail in _of_person(event, options):
            yield told(kind, leg, detail)


def _of_person(event: Event, options: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    entering = {"entering": True} if event.type in _ENTRIES else {}
    if event.type in _SUPERVISORS:
        entering["dialled"] = True
    if options.get("supervisor_role"):
        whisper_to = options.get("whisper_call_control_ids") or []
        yield "role", {"role": str(options["supervisor_role"]), "whisper_to": whisper_to} | entering
    answer = {} if _made(event) else _answer(event)
    flags = renamed(_FLAGS, {**options, **{name: answer[name] for name in _FLAGS if name in answer}})
    if flags:
        yield "exits", flags | entering
    if answer.get("id"):
        yield "described", renamed(_IDENTITY, answer) | entering
    if entering and options.get("mute"):
        yield "muted", entering
    if entering and options.get("hold"):
        what = media(
            {"media_name": options.get("hold_media_name"), "audio_url": options.get("hold_audio_url")}
        )
        yield "held", {"what": what} | entering


def described(person: Mapping[str, Any]) -> dict[str, Any]:
    """What Telnyx's participant says of itself, in our names; what it leaves out is left out."""
    return renamed(_IDENTITY | _FLAGS, person)


def renamed(names: Mapping[str, str], told: Mapping[str, Any]) -> dict[str, Any]:
    return {ours: told[theirs] for theirs, ours in names.items() if told.get(theirs) is not None}


def _options(event: Event) -> Mapping[str, Any]:
    return event.payload.get("options") or {}


def _answer(event: Event) -> Mapping[str, Any]:
    answer = event.payload.get("answer")
    return answer if isinstance(answer, dict) else {}


def _made(event: Event) -> Mapping[str, Any]:
    """The conference that an accepted command made."""
    answer = _answer(event) if event.type in _ENTRIES else {}
    return answer if answer.get("record_type") == "conference" else {}


# --- what a read found -------------------------------------------------------------------------------
def _of_read(event: Event, conference_id: str) -> Iterator[Occurrence]:
    """A read carries only what it found to be otherwise: see `conferences.reads`."""
    about, payload = subject(conference_id), event.payload

    def told(kind: str, leg: str = "", at: datetime | None = None, **detail: Any) -> Occurrence:
        return Occurrence(event.id, about, leg, kind, at or event.at, event.source, detail)

    if payload.get("conference"):
        yield told("named", **payload["conference"])
    if "ended" in payload:  # also when nothing is told of the end but that it came
        end = payload["ended"]
        yield told("ended", at=moment(end.get("at")), reason=str(end.get("reason") or ""))
    if payload.get("closed"):
        yield told("closed", **payload["closed"])
    for kind in ("doubted", "heard"):
        if payload.get(kind):
            yield told(kind, at=moment(payload[kind]))
    for leg, joined_at in payload.get("joined", {}).items():
        joining = {"joining": True} if leg in payload.get("joining", []) else {}
        yield told("joined", leg, moment(joined_at), **joining)
    for kind in ("seated", "left"):
        for leg in payload.get(kind, []):
            yield told(kind, leg)
    for leg, detail in payload.get("described", {}).items():
        yield told("described", leg, **detail)
    for leg, muted in payload.get("muted", {}).items():
        yield told("muted" if muted else "unmuted", leg)
    for leg, held in payload.get("on_hold", {}).items():
        yield told("held" if held else "resumed", leg)
