"""What a supervisor sees of their own phone and of their part in one conference: plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


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
    """One step on the way into the conference. Of a `limit` the browser counts the seconds since `since`."""

    state: Literal["done", "now", "next", "failed"]
    words: str
    since: datetime | None = None
    limit: int | None = None
    took: str = ""


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
    failed: str = ""
    problem: str = ""
    problem_text: str = ""
    here: bool = False
    calling: bool = False
    bar: str = ""
    people: Sequence[Hearer] = ()
    others: str = ""
    reach: Sequence[Hearer] = field(default_factory=tuple)
