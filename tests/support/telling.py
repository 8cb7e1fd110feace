"""Histories that no call centre ever saw: anything about anybody, at any time, told in any order.

`Line` is one thing that comes into the inbox; `histories` makes lists of them for hypothesis.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from telephony.events import Event, parse
from telephony.projection import Arrival
from tests.support.in_memory import Memory
from tests.support.reference import Reference
from tests.support.story import at

MOST_CALLS = 40
Json = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """`seconds` after noon. Not `timed`: Telnyx forgot to say when, so that the time of receipt counts."""

    number: int
    kind: str
    leg: str
    place: int
    seconds: int
    timed: bool

    @property
    def source(self) -> str:
        return self.kind.partition(".")[0] if self.kind.startswith(("read.", "reply.")) else "webhook"

    def arrival(self) -> Arrival:
        event_id = f"e{self.number:03d}"
        data = {"event_type": self._type, "id": event_id, "record_type": "event", "payload": self._payload()}
        if self.timed:
            data["occurred_at"] = _text(at(self.seconds))
        body = json.dumps({"data": data}).encode()
        return Arrival(event_id, self.source, self._type, body, at(self.seconds))

    def event(self) -> Event:
        arrival = self.arrival()
        return parse(arrival.body, source=arrival.source, received_at=arrival.received_at)

    @property
    def _type(self) -> str:
        return ".".join(self.kind.split(".")[:2]) if self.kind.startswith("read.") else self.kind

    def _payload(self) -> Json:
        if self.kind.startswith("call.") and "queue" not in self.kind:
            keys = {
                "digits": f"{self.number}",
                "digit": f"{self.number % 10}",
                "status": "valid" if self.place else "call_hangup",
            }
            return {"call_control_id": self.leg, "from": f"+1{self.number:010d}"} | keys
        if self.kind.startswith("call."):
            return self._of_queue()
        of_queue = "queue" in self.kind or self.kind == "reply.keep"
        where: Json = {"queue": f"queue {self.place % 2}"} if of_queue else self._where()
        if self.kind.startswith("read."):
            return where | self._read()
        if self.kind in PERSONAL:
            return where | {"legs": [self.leg], "options": self._options()}
        everybody = self.kind.startswith(("conference.playback", "reply."))
        return where | ({"options": self._options()} if everybody else {"call_control_id": self.leg})

    def _options(self) -> Json:
        odd = self.number % 2 == 1
        chosen: dict[str, Json] = {
            "reply.role": {"supervisor_role": "monitor" if odd else "none"},
            "reply.exits": {"end_conference_on_exit" if odd else "soft_end_conference_on_exit": True},
            "reply.join": {"supervisor_role": "barge", "mute": odd, "end_conference_on_exit": odd},
            "reply.keep": {"keep_after_hangup": odd},
            "reply.enqueue": {"keep_after_hangup": True, "max_wait_time_secs": self.number} if odd else {},
            "reply.play": {"media_name": f"sound {self.number}"},
        }
        return chosen.get(self.kind, {})

    def _where(self) -> Json:
        about: Json = {"conference_id": f"conference {self.place}"}
        if self.kind == "conference.ended":
            about["reason"] = "all_left"
        if self.kind.startswith("conference.playback"):
            about["media_name"] = f"sound {self.number}"
        if self.kind == "conference.recording.saved":
            about["recording_id"] = f"recording {self.number}"
        return about

    def _of_queue(self) -> Json:
        told: Json = {"call_control_id": self.leg, "queue": f"queue {self.place % 2}"}
        left = {"reason": "bridged", "wait_time_secs": self.number, "queue_position": self.number}
        came = {"current_position": self.number, "queue_avg_wait_time_secs": self.number}
        return told | (left if "dequeued" in self.kind else came)

    def _read(self) -> Json:
        """What one read found: the last part of the kind says what."""
        what = self.kind.rpartition(".")[2]
        earlier = _text(at(self.seconds - self.number % 3))
        found: dict[str, Json] = {
            "joined": {"joined": {self.leg: earlier}},
            "left": {"left": [self.leg]},
            "kept": {"kept": [self.leg]},
            "muted": {"muted": {self.leg: self.number % 2 == 0}},
            "held": {"on_hold": {self.leg: self.number % 2 == 0}},
            "named": {"conference": {"name": f"name {self.number}", "status": "init", "created_at": earlier}},
            "ended": {"ended": {"reason": "host_left"}},
            "joining": {"joined": {self.leg: earlier}, "joining": [self.leg]},
            "seated": {"seated": [self.leg]},
            "doubted": {"doubted": earlier},
            "heard": {"heard": earlier},
            "described": {
                "described": {self.leg: {"participant_id": f"p{self.number}", "end_on_exit": True}}
            },
            "closed": {"closed": {"reason": "ended_via_api", "by": self.leg if self.number % 2 else ""}},
            "counted": {"counted": {"average_since": earlier} if self.number % 2 else {"as_listed": True}},
            "expired": {"ended": {"reason": "time_exceeded", "at": earlier}},
        }
        return found[what]


PERSONAL = (
    *("reply.mute", "reply.unmute", "reply.hold", "reply.resume"),
    *("reply.role", "reply.exits", "reply.join", "reply.gather", "reply.enqueue", "reply.keep"),
)
KINDS = (
    *("call.initiated", "call.answered", "call.hangup"),
    *("call.enqueued", "call.dequeued"),
    *("conference.created", "conference.ended", "conference.floor.changed", "conference.recording.saved"),
    *("conference.participant.joined", "conference.participant.left") * 3,
    *("call.gather.ended", "call.dtmf.received"),
    *("conference.playback.started", "conference.playback.ended", "reply.play"),
    *PERSONAL,
    *("reply.record", "reply.pause", "reply.resume-recording", "reply.stop"),
    *(f"read.conference.{what}" for what in ("joined", "left", "muted", "held", "named", "ended", "expired")),
    *(f"read.conference.{what}" for what in ("joining", "seated", "described", "closed")),
    *(f"read.conference.{what}" for what in ("doubted", "heard")),
    *(f"read.queue.{what}" for what in ("joined", "left", "kept", "counted")),
)


@st.composite
def histories(draw: st.DrawFn, longest: int = 60) -> list[Line]:
    """Few calls and few seconds make knots, many calls make crowds."""
    calls = draw(st.integers(1, MOST_CALLS))
    line = st.tuples(
        st.sampled_from(KINDS), st.integers(1, calls), st.integers(0, 2), st.integers(3, 15), st.booleans()
    )
    drawn = draw(st.lists(line, min_size=1, max_size=longest))
    return [
        Line(number, kind, f"v3:{leg}", place, seconds, timed)
        for number, (kind, leg, place, seconds, timed) in enumerate(drawn)
    ]


def disorder(lines: Sequence[Line], seed: int) -> list[list[Line]]:
    """The same lines in another order, some of them twice, in batches."""
    chance = random.Random(seed)
    every = [*lines, *chance.sample(lines, k=chance.randint(0, len(lines)))]
    chance.shuffle(every)
    batches = []
    while every:
        size = chance.randint(1, 12)
        batches.append(every[:size])
        every = every[size:]
    return batches


def agrees(memory: Memory, reference: Reference) -> None:
    """What the projections made is what the reference says, as far as it says anything."""
    made, meant = memory.rows(), reference.rows()
    assert {leg: made["calls"][leg]["ended_at"] for leg in meant["ended"]} == meant["ended"]
    assert made["queued"] == meant["queued"]
    assert _only(made["participants"], meant["participants"]) == meant["participants"]
    for key, row in meant["conferences"].items():
        assert {name: made["conferences"][key][name] for name in row} == row


def _only(made: Json, meant: Json) -> Json:
    """Of each stay, the fields that the reference speaks of."""
    assert made.keys() == meant.keys()
    return {
        place: [{name: row[name] for name in meant[place][0]} for row in rows] for place, rows in made.items()
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
