"""What events mean, said a second time and otherwise: the newest that speaks, and a walk through time.

Nothing here knows of batches, keys or folding. It reads all events at once, as somebody would who had the
whole log on paper; the projections must come to the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telephony.events import Event

Row = dict[str, Any]
RANK = {
    "call.initiated": 0,
    "call.answered": 1,
    "conference.created": 2,
    "conference": 2,
    "conference.participant.joined": 3,
    "joined": 3,
    "call.enqueued": 4,
    "conference.recording.saved": 7,
    "conference.playback.started": 6,
    "conference.playback.ended": 7,
    "call.gather.ended": 7,
    "closed": 12,
    "reply.record": 6,
    "reply.pause": 6,
    "reply.resume-recording": 6,
    "reply.stop": 7,
    "conference.participant.left": 8,
    "left": 8,
    "call.dequeued": 9,
    "call.hangup": 10,
    "conference.ended": 11,
    "ended": 11,
}
RECORDING = {
    "reply.record": "on",
    "reply.resume-recording": "on",
    "reply.pause": "paused",
    "reply.stop": "off",
    "conference.recording.saved": "off",
}


@dataclass
class Said:
    """One thing said by one event. `what` is the event's type, or the part of a read's payload."""

    what: str
    at: datetime
    event: Event
    value: Any = None

    @property
    def proof(self) -> bool:
        return self.event.source == "webhook"

    @property
    def when(self) -> tuple[datetime, int, str]:
        return self.at, RANK.get(self.what, 5), self.event.id


@dataclass
class Sitting:
    """A stay, while time is walked through."""

    opened: Said
    closed_at: datetime | None = None
    closing: Said | None = None
    during: list[Said] = field(default_factory=list)


def newest(said: Iterable[Said], *, proof_first: bool = False) -> Said | None:
    return max(said, key=lambda one: (proof_first and one.proof, one.when), default=None)


def sittings(said: Sequence[Said], opens: set[str], closes: set[str]) -> list[Sitting]:
    """Walk through time: who opens sits; who closes ends the one that sits, and proof mends a guess."""
    found: list[Sitting] = []
    fresh: list[Sitting] = []  # opened since the last closing
    for one in sorted((one for one in said if one.what in opens | closes), key=lambda one: one.when):
        if one.what in closes:
            fresh = []
            last = found[-1] if found else None
            if last and (last.closing is None or (one.proof and not last.closing.proof)):
                last.closing, last.closed_at = one, one.at
        elif one.proof:
            for guess in [sitting for sitting in fresh if not sitting.opened.proof]:
                found.remove(guess)
                fresh.remove(guess)
            _follow(found, one, fresh)
        elif not fresh:
            _follow(found, one, fresh)
    return found


def _follow(found: list[Sitting], opened: Said, fresh: list[Sitting]) -> None:
    if found and found[-1].closing is None:
        found[-1].closed_at = opened.at
    found.append(Sitting(opened))
    fresh.append(found[-1])


def end_the_last(found: list[Sitting], ends: Sequence[tuple[datetime, str]]) -> str:
    """A hang-up or an end closes who still sits, and beats a guess that is no earlier. Returns the reason, if
    it did."""
    if not found or not ends:
        return ""
    at, because = min(ends, key=lambda end: end[0])
    closing = found[-1].closing
    if closing and (closing.proof or closing.at < at):
        return ""
    found[-1].closing, found[-1].closed_at = None, max(at, found[-1].opened.at)
    return because


class Reference:
    """The rows that these events mean, in the form of `Memory.rows`."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = list({event.id: event for event in events}.values())

    def rows(self) -> dict[str, Any]:
        conferences = sorted(
            {e.payload["conference_id"] for e in self.events if "conference_id" in e.payload}
        )
        queues = sorted({e.payload["queue"] for e in self.events if "queue" in e.payload})
        people = {
            (c, leg): self._people(c, leg) for c in conferences for leg in self._legs("conference_id", c)
        }
        queued = {(q, leg): self._queued(q, leg) for q in queues for leg in self._legs("queue", q)}
        return {
            "ended": {leg: self._hung_up_at(leg) for leg in self._all_legs()},
            "conferences": {name: self._conference(name, people) for name in conferences},
            "participants": {place: rows for place, rows in people.items() if rows},
            "queued": {place: rows for place, rows in queued.items() if rows},
        }

    # --- what was said ------------------------------------------------------------------------------
    def _said(self, place: str, key: str) -> list[Said]:
        """Everything about one place, reads taken apart."""
        found = []
        for event in self.events:
            if event.payload.get(place) == key:
                found += (
                    list(_parts(event)) if event.source == "read" else [Said(event.type, event.at, event)]
                )
        return found

    def _about(self, place: str, key: str, leg: str) -> list[Said]:
        return [one for one in self._said(place, key) if leg in _legs_of(one)]

    def _legs(self, place: str, key: str) -> set[str]:
        return {leg for one in self._said(place, key) for leg in _legs_of(one)}

    def _all_legs(self) -> set[str]:
        return {str(e.payload["call_control_id"]) for e in self.events if e.type == "call.hangup"}

    def _hung_up_at(self, leg: str) -> datetime | None:
        mine = [e for e in self.events if e.type == "call.hangup" and e.payload["call_control_id"] == leg]
        last = newest(Said(event.type, event.at, event) for event in mine)
        return last.at if last else None

    # --- a conference -------------------------------------------------------------------------------
    def _conference(self, key: str, people: dict[tuple[str, str], list[Row]]) -> Row:
        said = self._said("conference_id", key)

        def last(*what: str, **how: bool) -> Said | None:
            return newest((one for one in said if one.what in what), **how)

        created, ended = last("conference.created"), last("conference.ended", "ended", proof_first=True)
        floor, saved = last("conference.floor.changed"), last("conference.recording.saved")
        playing = last("conference.playback.started", "conference.playback.ended")
        plays = playing if playing and playing.what.endswith("started") else None
        closed = [one for one in said if one.what == "closed"]
        by = newest(one for one in closed if one.value.get("by"))
        recording = last(*RECORDING)
        named = [one for one in said if one.what == "conference"]
        created_at = _newest_with(named, "created_at")
        joined = [row["joined_at"] for (where, _), rows in people.items() if where == key for row in rows]
        began = created_at.value["created_at"] if created_at else created.at if created else None
        return {
            "name": _value(_newest_with(named, "name"), "name"),
            "creator_leg": _leg(created),
            "created_at": began,
            "started_at": began or min(joined, default=None),
            "status": "completed"
            if ended
            else _value(_newest_with(named, "status"), "status") or "in_progress",
            "ended_at": ended.at if ended else None,
            "end_reason": _end_reason(said, closed),
            "ended_by_leg": by.value["by"] if by else "",
            "playing_since": plays.at if plays else None,
            "playing_media": plays.event.payload["media_name"] if plays else "",
            "play_sent": _sent(last("reply.play")),
            "floor_leg": _leg(floor),
            "floor_at": floor.at if floor else None,
            "floor_doubted_at": _latest(said, "doubted"),
            "floor_heard_until": _latest(said, "heard"),
            "recording": RECORDING[recording.what] if recording else "off",
            "recording_at": recording.at if recording else None,
            "recording_id": str(saved.event.payload.get("recording_id", "")) if saved else "",
        }

    def _people(self, key: str, leg: str) -> list[Row]:
        said = self._about("conference_id", key, leg)
        found = sittings(
            said, {"conference.participant.joined", "joined"}, {"conference.participant.left", "left"}
        )
        end = newest(
            (one for one in self._said("conference_id", key) if one.what in {"conference.ended", "ended"}),
            proof_first=True,
        )
        hung_up_at = self._hung_up_at(leg)
        ends = [(hung_up_at, "hangup")] if hung_up_at else []
        because = end_the_last(found, ends + ([(end.at, "conference ended")] if end else []))
        flags = _share(found, [one for one in said if one.what in {*FLAGS, *SETTINGS}])
        return [
            {
                "opened_by": one.opened.event.id,
                "joined_at": one.opened.at,
                "left_at": one.closed_at,
                "left_because": because if one is found[-1] and because else _reason(one.closing),
                "status": "joining" if _is_joining(one, found, said) else "joined",
                **self._keyed(leg, one, flags(one)),
            }
            for one in found
        ]

    def _keyed(self, leg: str, sitting: Sitting, row: Row) -> Row:
        """The newest digits gathered while they sat or just after; who was asked before has answered."""
        ended = sitting.closed_at
        mine = newest(
            Said(event.type, event.at, event)
            for event in self.events
            if (event.type, event.payload.get("call_control_id")) == ("call.gather.ended", leg)
            and sitting.opened.at <= event.at
            and (ended is None or event.at <= ended + _while_hanging_up(event))
        )
        if mine is None:
            return row | {"keyed_at": None, "keyed_digits": ""}
        asked_at = row["asked_at"]
        if asked_at and asked_at <= mine.at + timedelta(seconds=5):
            asked_at = None
        return row | {
            "keyed_at": mine.at,
            "keyed_digits": mine.event.payload["digits"],
            "asked_at": asked_at,
        }

    # --- a queue ------------------------------------------------------------------------------------
    def _queued(self, key: str, leg: str) -> list[Row]:
        said = self._about("queue", key, leg)
        found = sittings(said, {"call.enqueued", "joined"}, {"call.dequeued", "left"})
        hung_up_at = self._hung_up_at(leg)
        kept = any(one.what == "kept" for one in said)
        end_the_last(found, [(hung_up_at, "")] if hung_up_at and not kept else [])
        return [
            {
                "opened_by": one.opened.event.id,
                "enqueued_at": one.opened.at,
                "left_at": one.closed_at,
                "left_because": _reason(one.closing),
                "waited_seconds": _waited(one),
                "is_alive": hung_up_at is None,
                "position_at_enqueue": one.opened.event.payload.get("current_position")
                if one.opened.proof
                else None,
                "position_at_leaving": one.closing.event.payload.get("queue_position")
                if one.closing and one.closing.proof
                else None,
                **_wishes(one, said),
            }
            for one in found
        ]


def _wishes(sitting: Sitting, said: Sequence[Said]) -> Row:
    """What our own commands asked for, from shortly before this wait until its end."""
    row: Row = {"keep_after_hangup": None, "max_wait_seconds": None}
    for one in sorted((one for one in said if one.what in WISHES), key=lambda one: one.when):
        early = one.at < sitting.opened.at - timedelta(seconds=10)
        if early or (sitting.closed_at is not None and one.at > sitting.closed_at):
            continue
        options = one.event.payload["options"]
        if one.what == "reply.enqueue":
            row["max_wait_seconds"] = options.get("max_wait_time_secs")
        row["keep_after_hangup"] = options.get("keep_after_hangup", False)
    return row


WISHES = {"reply.enqueue", "reply.keep"}
FLAGS: dict[str, tuple[str, str, bool]] = {
    "reply.mute": ("muted", "muted_at", True),
    "reply.unmute": ("muted", "muted_at", False),
    "reply.hold": ("on_hold", "held_at", True),
    "reply.resume": ("on_hold", "held_at", False),
    "muted": ("muted", "muted_at", True),
    "unmuted": ("muted", "muted_at", False),
    "held": ("on_hold", "held_at", True),
    "resumed": ("on_hold", "held_at", False),
}


def _while_hanging_up(event: Event) -> timedelta:
    return timedelta(seconds=5 if event.payload["status"] == "call_hangup" else 0)


# What sets roles and exit flags, and since when digits are asked for.
SETTINGS = {"reply.role", "reply.exits", "reply.join", "reply.gather", "described"}
EXITS = {"end_conference_on_exit": "end_on_exit", "soft_end_conference_on_exit": "soft_end_on_exit"}


def _share(found: Sequence[Sitting], said: Sequence[Said]) -> Callable[[Sitting], Row]:
    """Each belongs to the last who sat down before it, or the first; who was told to join sits down soon."""
    mine: dict[int, list[Said]] = defaultdict(list)
    for one in sorted(said, key=lambda one: (one.what != "reply.join", one.when)):
        at = one.at + timedelta(seconds=10 if one.what == "reply.join" else 0)
        before = [number for number, sitting in enumerate(found) if sitting.opened.at <= at]
        mine[before[-1] if before else 0].append(one)

    def flags(sitting: Sitting) -> Row:
        row: Row = {"muted": False, "muted_at": None, "on_hold": False, "held_at": None, "asked_at": None}
        row |= {"supervisor_role": "", "end_on_exit": None, "soft_end_on_exit": None, "participant_id": ""}
        for one in mine[list(found).index(sitting)]:
            if one.what in FLAGS:
                _turn(row, *FLAGS[one.what], one.at)
            else:
                _set(row, one, max(one.at, sitting.opened.at))
        return row

    return flags


def _turn(row: Row, flag: str, since: str, on: bool, at: datetime) -> None:
    if row[flag] != on:
        row |= {flag: on, since: at if on else None}


def _set(row: Row, one: Said, at: datetime) -> None:
    if one.what == "described":
        row |= {name: value for name, value in one.value.items() if name != "leg"}
        return
    if one.what == "reply.gather":
        row["asked_at"] = one.at
    options = one.event.payload.get("options", {})
    if "supervisor_role" in options:
        row["supervisor_role"] = options["supervisor_role"]
    row |= {ours: options[theirs] for theirs, ours in EXITS.items() if theirs in options}
    if options.get("mute"):
        _turn(row, "muted", "muted_at", True, at)


def _is_joining(sitting: Sitting, found: Sequence[Sitting], said: Sequence[Said]) -> bool:
    """Only a read finds somebody on the way, and only a read finds them arrived."""
    if sitting.opened.proof or sitting.opened.value not in sitting.opened.event.payload.get("joining", []):
        return False
    later = [one for one in said if one.what == "seated"]
    number = list(found).index(sitting)
    return not any(_sits_at(found, one.at) == number for one in later)


def _sits_at(found: Sequence[Sitting], at: datetime) -> int:
    before = [number for number, sitting in enumerate(found) if sitting.opened.at <= at]
    return before[-1] if before else 0


def _end_reason(said: Sequence[Said], closed: Sequence[Said]) -> str:
    """Telnyx's own word about an ended conference before its webhook's, and that before a guess."""
    told = newest(one for one in closed if one.value.get("reason"))
    if told:
        return str(told.value["reason"])
    ends = [one for one in said if one.what in {"conference.ended", "ended"}]
    return _reason(newest((one for one in ends if _reason(one)), proof_first=True))


def _sent(said: Said | None) -> Row:
    if said is None:
        return {}
    return {"what": said.event.payload["options"]["media_name"], "by": "", "at": said.at.isoformat()}


def _parts(event: Event) -> Iterable[Said]:
    payload = event.payload
    if payload.get("conference"):
        yield Said("conference", event.at, event, _with_times(payload["conference"]))
    if payload.get("ended"):
        at = payload["ended"].get("at")
        yield Said("ended", datetime.fromisoformat(at) if at else event.at, event, payload["ended"])
    for what in ("doubted", "heard"):
        if payload.get(what):
            yield Said(what, datetime.fromisoformat(payload[what]), event)
    for leg, since in payload.get("joined", {}).items():
        yield Said("joined", datetime.fromisoformat(since), event, leg)
    if payload.get("closed"):
        yield Said("closed", event.at, event, payload["closed"])
    for leg, detail in payload.get("described", {}).items():
        yield Said("described", event.at, event, {"leg": leg, **detail})
    for what in ("left", "kept", "seated"):
        for leg in payload.get(what, []):
            yield Said(what, event.at, event, leg)
    for leg, on in payload.get("muted", {}).items():
        yield Said("muted" if on else "unmuted", event.at, event, leg)
    for leg, on in payload.get("on_hold", {}).items():
        yield Said("held" if on else "resumed", event.at, event, leg)


def _with_times(told: Row) -> Row:
    times = {name: datetime.fromisoformat(told[name]) for name in ("created_at",) if told.get(name)}
    return dict(told) | times


def _legs_of(one: Said) -> set[str]:
    if one.event.source == "read":
        leg = one.value.get("leg") if isinstance(one.value, dict) else one.value
        return {leg} if isinstance(leg, str) else set()
    legs = one.event.payload.get("legs")
    if isinstance(legs, list):
        return set(legs)
    leg = one.event.payload.get("call_control_id")
    return (
        {str(leg)}
        if leg
        and not one.what.startswith(("conference.ended", "conference.recording", "conference.playback"))
        else set()
    )


def _newest_with(named: Iterable[Said], name: str) -> Said | None:
    return newest(one for one in named if one.value.get(name))


def _value(said: Said | None, name: str) -> str:
    return str(said.value[name]) if said else ""


def _leg(said: Said | None) -> str:
    return str(said.event.payload.get("call_control_id") or "") if said else ""


def _latest(said: Iterable[Said], what: str) -> datetime | None:
    return max((one.at for one in said if one.what == what), default=None)


def _reason(said: Said | None) -> str:
    if said is None:
        return ""
    told = said.value if isinstance(said.value, dict) else said.event.payload if said.proof else {}
    return str(told.get("reason") or "")


def _waited(sitting: Sitting) -> int | None:
    told = sitting.closing.event.payload.get("wait_time_secs") if sitting.closing else None
    if isinstance(told, int):
        return told
    if sitting.closing is None or sitting.closed_at is None:
        return None
    return max(0, round((sitting.closed_at - sitting.opened.at).total_seconds()))
