"""What a page shows of a conference: plain values, the same for everybody with the same rights.

Nothing here knows the time: what passes with time is given as `since` with its limits, and the
browser draws it, so that a fragment changes only when a fact does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from dashboard.legs import Leg
from dashboard.shown import Happening, Mark, Pending, Refusal

__all__ = ["Happening", "Mark"]


@dataclass(frozen=True, slots=True)
class Sound:
    """Audio that plays or text that is spoken. `what` is the stored name or the file's, or the text if our
    own command started it; `by` is who pressed it, "" if it was not started here."""

    kind: Literal["audio", "text"]
    what: str
    since: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class Keyed:
    """The newest digits that Telnyx gathered from somebody; dots for who may not see them."""

    digits: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """One person in the conference now, or on the way into it (`ConferenceShown.joining`).

    `participant_id` is Telnyx's ("" until the first read). The exit flags are None while not known,
    `beep_enabled` is "" then. `whispers_to` are labels. `hears` is what plays while on hold, "" if music of
    Telnyx's own. `asked_since`: Telnyx gathers digits.
    """

    pk: int
    leg: Leg
    joined_at: datetime
    queue: str  # that they waited in before
    muted: bool | None
    muted_at: datetime | None
    on_hold: bool | None
    held_at: datetime | None
    role: str
    has_floor: bool
    floor_since: datetime | None
    playing_since: datetime | None
    speaking_since: datetime | None
    pending: Mapping[str, Pending] = field(default_factory=dict)
    participant_id: str = ""
    label: str = ""
    end_on_exit: bool | None = None
    soft_end_on_exit: bool | None = None
    beep_enabled: str = ""
    whispers_to: Sequence[str] = ()
    role_at: datetime | None = None
    hears: str = ""
    sounds: Sequence[Sound] = ()
    asked_since: datetime | None = None
    keyed: Keyed | None = None

    @property
    def is_heard(self) -> bool:
        """Not a supervising leg: Mute and Hold may touch them."""
        return self.role in {"", "none"} and self.leg.kind != "supervisor"

    @property
    def supervises(self) -> bool:
        return not self.is_heard

    @property
    def mode_since(self) -> datetime:
        """Since when a supervisor listens, whispers or barges in."""
        return self.role_at or self.joined_at


@dataclass(frozen=True, slots=True)
class Floor:
    """Who has the floor. `quiet` is said only when it is provable: the last holder left, is held or muted.

    `lost_at`: it is not known because webhooks were lost then.
    """

    state: Literal["agent", "caller", "quiet", "unknown"]
    since: datetime | None
    label: str = ""
    lost_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of the recording bar: recorded or paused, from `since` to `until` (None: goes on)."""

    paused: bool
    since: datetime
    until: datetime | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    state: str  # off, on, paused
    since: datetime | None
    spans: Sequence[Span]
    pending: Pending | None
    ended_paused: bool = False  # the conference ended in a pause


@dataclass(frozen=True, slots=True)
class HandShown:
    """A hand that is up. `stay` is the person's in the conference. `seen_by` and `coming` are names, "" for
    nobody; the numbers are theirs, so that the browser can say `you`."""

    pk: int
    stay: int
    user: int
    user_name: str
    reason: str
    words: str
    raised_at: datetime
    sent_to: int
    seen_by: str = ""
    seen_by_user: int | None = None
    seen_at: datetime | None = None
    coming: str = ""
    coming_user: int | None = None
    coming_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of "Who did what". `outcome`: ok, open, unknown or bad; `user` None: Earshot did it itself."""

    at: datetime
    icon: str
    who: str
    words: str
    outcome: Literal["ok", "open", "unknown", "bad"]
    outcome_words: str
    note: str = ""
    user: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the whole story: an event, or a command with who pressed it and what came of it."""

    at: datetime
    kind: Literal["event", "command"]
    icon: str
    who: str
    what: str
    note: str
    outcome: str


@dataclass(frozen=True, slots=True)
class ConferenceShown:
    """A conference as a row shows it; `happenings` and `deeds` are filled for the pane and the page.

    `people` are in it; who is still `joining` is not counted. `sounds` are heard by everybody, a person's own
    `sounds` by that person. `max_participants` and `duration_minutes` are known if Earshot made it.
    """

    id: str
    version: int
    name: str
    named: bool
    live: bool
    queue: str
    started_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    end_words: str
    people: Sequence[Person]
    agent_left: bool
    floor: Floor
    recording: Recording
    marks: Sequence[Mark]
    playing_since: datetime | None
    speaking_since: datetime | None
    pending: Mapping[str, Pending]
    search: str
    refusals: Sequence[Refusal] = ()
    joining: Sequence[Person] = ()
    sounds: Sequence[Sound] = ()
    waiting_to_start: bool = False
    region: str = ""
    creator: str = ""
    ended_by: str = ""
    ended_via_api: bool = False
    max_participants: int | None = None
    duration_minutes: int | None = None
    hands: Sequence[HandShown] = ()
    happenings: Sequence[Happening] = ()
    deeds: Sequence[Deed] = ()

    @property
    def agent(self) -> Person | None:
        return next((person for person in self.people if person.leg.kind == "agent"), None)

    @property
    def caller(self) -> Person | None:
        heard = (person for person in self.people if person.leg.kind != "agent" and not person.supervises)
        return next(heard, None)

    @property
    def supervisors(self) -> Sequence[Person]:
        """Who listens, whispers or barges in; whose mode is the newest first."""
        return sorted((p for p in self.people if p.supervises), key=lambda p: p.mode_since, reverse=True)

    @property
    def others(self) -> int:
        """How many people are neither on the row's first line nor on its second."""
        heard = len(self.people) - len(self.supervisors)
        return heard - (self.agent is not None) - (self.caller is not None)

    @property
    def mutable(self) -> Sequence[Person]:
        """Everybody whom Mute and Hold may touch: never a supervising leg."""
        return [person for person in self.people if person.is_heard]

    @property
    def all_muted(self) -> bool:
        return bool(self.mutable) and all(person.muted for person in self.mutable)

    @property
    def all_held(self) -> bool:
        return bool(self.mutable) and all(person.on_hold for person in self.mutable)
