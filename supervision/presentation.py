"""What a supervisor sees of their own phone and of their part in one conference: plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bridged_calls.show import KEY


def page_of(key: str) -> str:
    """The page of what stands under this key on the floor: a conference, or a bridged call."""
    if key.startswith(KEY):
        return f"/bridged-calls/{key.removeprefix(KEY)}/"
    return f"/conferences/{key}/" if key else ""


def address_of(key: str) -> str:
    """Of the buttons of supervision there."""
    return f"{page_of(key)}supervise/"


@dataclass(frozen=True, slots=True)
class Notice:
    """A press that came to nothing, or a supervision that ended unasked, until it is put away.

    `again`: the same press may be of use once more.
    """

    key: str
    title: str
    text: str
    failed: bool
    again: bool = False


@dataclass(frozen=True, slots=True)
class OwnPhone:
    """The cell of the top bar. `state`: unset, ready, calling, or a role; `doing` is its words."""

    user: int
    version: int
    phone: str
    state: str
    doing: str = ""
    conference_id: str = ""
    conference: str = ""
    pending: str = ""  # the action of an open command
    line: str = ""
    since: datetime | None = None
    segments: Sequence["Segment"] = ()
    notice: Notice | None = None

    @property
    def page(self) -> str:
        """The page of the conference, or of the bridged call."""
        return page_of(self.conference_id)

    @property
    def address(self) -> str:
        return address_of(self.conference_id)


@dataclass(frozen=True, slots=True)
class Segment:
    """One of Listen, Whisper, Barge. `problem` says why not now."""

    mode: str
    word: str
    key: str
    icon: str
    pressed: bool = False
    sent: bool = False
    unknown: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way into the conference. Of a `limit` the browser counts the seconds since `since`;
    `took` says how long a step lasted, `at` when the way ended."""

    state: Literal["done", "now", "next", "failed"]
    words: str
    since: datetime | None = None
    limit: int | None = None
    took: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hearer:
    """One person beside the supervisor: what the two hear of each other."""

    pk: int
    label: str
    short: str
    title: str
    kind: str
    held: bool
    hears: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Supervise, as one supervisor sees it in one conference. `tone` is the role that colours it."""

    user: int
    conference_id: str
    conference: str
    version: int
    live: bool
    tone: str
    segments: Sequence[Segment]
    line: str
    note: str = ""
    phone: str = ""
    since: datetime | None = None
    steps: Sequence[Step] = ()
    notice: Notice | None = None
    problem: str = ""
    problem_text: str = ""
    here: bool = False
    calling: bool = False
    bar: str = ""
    people: Sequence[Hearer] = ()
    others: str = ""
    reach: Sequence[Hearer] = field(default_factory=tuple)

    @property
    def address(self) -> str:
        return address_of(self.conference_id)

    @property
    def whispers(self) -> bool:
        """Not so without a conference."""
        return not self.conference_id.startswith(KEY)


# --- the page of one's phones ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Trial:
    """What a test call shows: a sentence, in the tone `good` or `bad` if it is decided, and when it was."""

    said: str
    note: str
    tone: str
    live: bool
    at: datetime | None
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One number or SIP address of a supervisor."""

    pk: int
    address: str
    active: bool
    trial: Trial | None


@dataclass(frozen=True, slots=True)
class Phones:
    """The list. `problem` says why none can be tested now; `connected` which call goes on elsewhere."""

    user: int
    version: int
    lines: Sequence[OwnLine]
    busy: bool
    problem: str
    connected: str
