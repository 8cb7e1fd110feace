"""What the pretend Telnyx knows: legs, conferences, queues, recordings, and the world that holds them."""

from __future__ import annotations

import random
import secrets
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from simulator.clock import Clock, Timer, Timers

if TYPE_CHECKING:
    from simulator.webhooks import Deliveries

Json = dict[str, Any]
MOST_VISITS = 200_000
MOST_REQUESTS = 20_000
Stamp = int  # microseconds since 1970, in UTC


def iso(stamp: Stamp) -> str:
    """`2018-02-02T22:25:27.521992Z`, always with microseconds."""
    return datetime.fromtimestamp(stamp // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + (
        f".{stamp % 1_000_000:06d}Z"
    )


def new_id() -> str:
    # Never from the seed: an event id that came again after a restart would be taken for a duplicate.
    return str(uuid.uuid4())


@dataclass(eq=False)
class Leg:
    """One call leg. `state`: ringing, answered or ended; parked is answered and in no conference or queue."""

    call_control_id: str
    call_leg_id: str
    call_session_id: str
    connection_id: str
    direction: str
    from_number: str
    to_number: str
    caller_id_name: str
    started_at: Stamp
    client_state: str | None = None
    webhook_url: str | None = None
    webhook_urls: Json = field(default_factory=dict)
    state: str = "ringing"
    answered_at: Stamp | None = None
    ended_at: Stamp | None = None
    participant: Participant | None = None
    place: QueuePlace | None = None
    bridged_with: Leg | None = None
    park_after_unbridge: bool = False
    supervised: Leg | None = None
    supervisor_role: str = "barge"
    commanded: bool = False
    scripted: bool = False
    on_answer: Json = field(default_factory=dict)
    rivals: list[Leg] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    gather: Any = None
    # The digits that were sent to the far party, who alone hears them.
    tones: str = ""
    watchers: list[Leg] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The far party's number."""
        return self.from_number if self.direction == "incoming" else self.to_number

    @property
    def ended(self) -> bool:
        return self.state == "ended"


@dataclass(eq=False)
class Participant:
    """A leg's stay in a conference. `waiting` = held because the conference has not started.

    `music` is what is played while it is held, as the webhooks name media.
    """

    id: str
    leg: Leg
    conference: Conference
    created_at: Stamp
    updated_at: Stamp
    status: str = "joined"
    muted: bool = False
    on_hold: bool = False
    waiting: bool = False
    end_on_exit: bool = False
    soft_end_on_exit: bool = False
    beep_enabled: str = "never"
    supervisor_role: str = "none"
    whisper_ids: list[str] = field(default_factory=list)
    music: Json | None = None


@dataclass(eq=False)
class Conference:
    """`participants` are in it now, by call control id; `left` were, by participant id."""

    id: str
    name: str
    creator: Leg
    created_at: Stamp
    updated_at: Stamp
    expires_at: Stamp
    status: str = "in_progress"
    home: str = "US"
    music: Json | None = None
    max_participants: int = 250
    participants: dict[str, Participant] = field(default_factory=dict)
    left: dict[str, Participant] = field(default_factory=dict)
    floor: str | None = None
    recording: Recording | None = None
    closed_to_newcomers: bool = False
    ending: bool = False
    end_reason: str | None = None
    ended_by: Leg | None = None
    commanded: bool = False
    version: int = 0
    timers: list[Timer] = field(default_factory=list)

    @property
    def live(self) -> bool:
        return self.status != "completed"


@dataclass(eq=False)
class Visit:
    """A wait that is remembered after its end: why it ended, and how many seconds it took, as announced."""

    queue: str
    call_control_id: str
    enqueued_at: Stamp
    left_at: Stamp | None = None
    reason: str = ""
    waited: int | None = None


@dataclass(eq=False)
class QueuePlace:
    """A leg's wait in a queue; `is_alive` turns false when it hung up and is kept."""

    leg: Leg
    queue: Queue
    enqueued_at: Stamp
    keep_after_hangup: bool = False
    is_alive: bool = True
    max_wait: Timer | None = None
    visit: Visit | None = None


@dataclass(eq=False)
class Queue:
    id: str
    name: str
    max_size: int
    created_at: Stamp
    updated_at: Stamp
    waiting: list[QueuePlace] = field(default_factory=list)
    version: int = 0
    idle: Timer | None = None


@dataclass(eq=False)
class Recording:
    """Of a conference, or of one leg. `spoken` counts the microseconds that are in the file.

    `file_name` is the one that was asked for; `home` is the region of its conference.
    """

    id: str
    leg: Leg
    conference_id: str | None
    channels: str
    format: str
    initiated_by: str
    started_at: Stamp
    going_since: Stamp | None
    spoken: int = 0
    ended_at: Stamp | None = None
    ready_at: Stamp | None = None
    client_state: str | None = None
    file_name: str | None = None
    home: str = "US"

    @property
    def state(self) -> str:
        if self.ended_at is not None:
            return "off"
        return "on" if self.going_since is not None else "paused"


@dataclass
class Settings:
    """How this Telnyx is set up. Times in seconds."""

    webhook_url: str
    connection_id: str = "1494404757140276705"
    api_key: str | None = None
    public_url: str = "http://simulator"
    queue_idle_seconds: float = 300.0
    recording_ready_seconds: float = 1.0
    link_seconds: float = 600.0
    answer_seconds: tuple[float, float] = (1.0, 2.5)
    calls_per_minute: float = 8.0
    seed: int | None = None


@dataclass(frozen=True)
class Behaviour:
    """What a dialled number does: answer, busy, no_answer, reject, not_found, `after` seconds or as usual."""

    does: str
    after: float | None = None


class World:
    """Everything that is, with the time, the dice and the way out for webhooks."""

    def __init__(self, settings: Settings, clock: Clock, webhooks: Deliveries) -> None:
        self.settings, self.clock, self.webhooks = settings, clock, webhooks
        self.timers = Timers(clock)
        self.dice = random.Random(settings.seed)  # noqa: S311 - dice, not keys
        self.legs: dict[str, Leg] = {}
        self.conferences: dict[str, Conference] = {}
        self.queues: dict[str, Queue] = {}
        self.recordings: dict[str, Recording] = {}
        self.applications: dict[str, Json] = {}
        self.media: dict[str, Json] = {}
        self.requests: deque[Json] = deque(maxlen=MOST_REQUESTS)
        self.audio: list[Any] = []
        self.credentials: dict[str, Json] = {}
        self.phones: dict[str, Behaviour] = {}
        self.heard: dict[str, dict[str, tuple[str, ...]]] = {}
        self.hearing: list[Json] = []
        self.visits: deque[Visit] = deque(maxlen=MOST_VISITS)
        self.hearing_forgotten = 0
        self._last_stamp: Stamp = 0

    def stamp(self) -> Stamp:
        """Now; each call gives a later one, so that no two events of this world have the same time."""
        self._last_stamp = max(self._last_stamp + 1, int(self.clock.now() * 1_000_000))
        return self._last_stamp

    def new_leg(self, direction: str, from_number: str, to_number: str, **more: Any) -> Leg:
        leg = Leg(
            call_control_id="v3:" + secrets.token_urlsafe(40),
            call_leg_id=new_id(),
            call_session_id=more.pop("call_session_id", None) or new_id(),
            connection_id=more.pop("connection_id", None) or self.settings.connection_id,
            direction=direction,
            from_number=from_number,
            to_number=to_number,
            caller_id_name=more.pop("caller_id_name", None) or from_number,
            started_at=self.stamp(),
            **more,
        )
        self.legs[leg.call_control_id] = leg
        self._forget_old()
        return leg

    def _forget_old(self) -> None:
        """Keeps memory bounded: of what has ended, only the newest are remembered."""
        _drop_oldest(self.legs, 20_000, lambda leg: leg.ended)
        _drop_oldest(self.conferences, 2_000, lambda conference: not conference.live)
        _drop_oldest(self.recordings, 5_000, lambda recording: recording.ended_at is not None)

    def live_conferences(self) -> Iterator[Conference]:
        return (conference for conference in self.conferences.values() if conference.live)


def _drop_oldest(kept: dict[str, Any], most: int, droppable: Any) -> None:
    if len(kept) <= most:
        return
    for key in [key for key, value in kept.items() if droppable(value)][: len(kept) - most + most // 10]:
        del kept[key]
