"""What events mean for a conference and the people in it. Pure: no database, no clock.

occurrences   an event → the facts in it about conferences (`conferences.occurrences`)
fold          a fact → the conference's own fields (each group keeps the newest fact)
people        all facts about one leg → its stays, with a participant's fields (`conferences.persons`)
"""

from collections.abc import Iterable
from typing import Any

from conferences.occurrences import call_subject, is_of_call, media, occurrences, subject
from conferences.persons import people, sent
from telephony.facts import Dated, key, moment, write

__all__ = ["call_subject", "fold", "is_of_call", "occurrences", "people", "subject"]

# The longest text that each field holds.
_LENGTHS = {"name": 255, "region": 40, "connection_id": 64}


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
        write(conference, name, by, **{name: str(told[name])[:length]})
        for name, length in _LENGTHS.items()
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
    wrote = bool(reason) and write(conference, "end_reason", by, end_reason=reason)
    return write(conference, "ended", by, status="completed", ended_at=fact.at) or wrote


def _closed(conference: Any, fact: Dated, by: str) -> bool:
    """What Telnyx says of a conference that has ended; only there it tells who ended it, and how exactly."""
    reason, leg = str(fact.detail.get("reason", ""))[:40], str(fact.detail.get("by", ""))[:255]
    wrote = bool(reason) and write(conference, "end_reason", key(fact, strength=2), end_reason=reason)
    return (bool(leg) and write(conference, "ended_by", by, ended_by_leg=leg)) or wrote


def _planned(conference: Any, fact: Dated, by: str) -> bool:
    """What our own command made it with, which Telnyx tells nobody."""
    wrote = [
        write(conference, name, by, **{name: fact.detail[name]})
        for name in ("max_participants", "duration_minutes")
        if fact.detail.get(name)
    ]
    return any(wrote)


def _floor(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "floor", by, floor_leg=fact.leg, floor_at=fact.at)


def _doubted(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "doubted", by, floor_doubted_at=fact.at)


def _heard(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "heard", by, floor_heard_until=fact.at)


def _playing(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "playing", by, playing_since=fact.at, playing_media=media(fact.detail))


def _played(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "playing", by, playing_since=None, playing_media="")


def _speaking(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "speaking", by, speaking_since=fact.at)


def _spoken(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, "speaking", by, speaking_since=None)


def _sent(conference: Any, fact: Dated, by: str) -> bool:
    return write(conference, fact.kind, by, **{fact.kind: sent(fact)})


def _recording(conference: Any, fact: Dated, by: str) -> bool:
    state = "on" if fact.kind in {"recording_started", "recording_resumed"} else "off"
    state = "paused" if fact.kind == "recording_paused" else state
    return write(conference, "recording", by, recording=state, recording_at=fact.at)


def _saved(conference: Any, fact: Dated, by: str) -> bool:
    recording_id = str(fact.detail.get("recording_id", ""))[:100]
    wrote = write(conference, "saved", by, recording_id=recording_id)
    return _recording(conference, fact, by) or wrote


# Facts that are about one person when they name a leg: `person` folds those.
_PERSONAL = frozenset({"playing", "played", "speaking", "spoken", "play_sent", "speak_sent"})
_WRITERS = {
    "created": _created,
    "named": _named,
    "ended": _ended,
    "closed": _closed,
    "planned": _planned,
    "floor": _floor,
    "doubted": _doubted,
    "heard": _heard,
    "playing": _playing,
    "played": _played,
    "speaking": _speaking,
    "spoken": _spoken,
    "play_sent": _sent,
    "speak_sent": _sent,
    "recording_started": _recording,
    "recording_paused": _recording,
    "recording_resumed": _recording,
    "recording_stopped": _recording,
    "recording_saved": _saved,
}
