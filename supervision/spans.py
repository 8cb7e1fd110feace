"""In which mode a supervision was at each moment, and who heard it then. Pure: no database, no clock.

    switches   accepted switches and logged presses → the changes of mode, each known or not
    spans      the stay and the changes → stretches of one mode, or of several that may have been
    heard      the stretches and one person's stays → what they heard of the supervisor

All are functions of sets: neither the order nor the repetition of what was told matters. A role is known by
an accepted answer alone, no read tells it. So between a press that was sent and its answer either mode may
have been: that is said where it took longer than a moment, and until the next answer where none ever came.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from telephony.facts import Dated

AT_ONCE = timedelta(seconds=2)  # an answer within it makes the change a moment
WIDE = ("monitor", "whisper", "barge")  # who hears the supervisor, from nobody to everybody
EVER = datetime.max.replace(tzinfo=UTC)  # the end of what goes on
Hearing = Literal["hears", "deaf", "held", "unknown"]
Stretch = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Mode:
    """A role, and whom a whisper is for (call control ids)."""

    role: str
    to: frozenset[str] = frozenset()

    def reaches(self, leg: str) -> bool:
        return self.role == "barge" or (self.role == "whisper" and leg in self.to)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A logged press that asked for another mode. `taken`: Telnyx accepted it; `unsure`: it may have been
    carried out. Neither: it surely had no effect."""

    id: str
    mode: Mode
    sent_at: datetime
    settled_at: datetime | None
    taken: bool
    unsure: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """A change of mode that was sent. `known_at` None: no answer tells whether it took effect."""

    event: str
    mode: Mode
    sent_at: datetime
    known_at: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time. `until` None: it goes on. More than one of `modes`: it is not known which was."""

    since: datetime
    until: datetime | None
    modes: frozenset[Mode]

    @property
    def role(self) -> str:
        """The role, "" while it is not known."""
        roles = {mode.role for mode in self.modes}
        return next(iter(roles)) if len(self.modes) == 1 else ""

    @property
    def to(self) -> frozenset[str]:
        return frozenset(leg for mode in self.modes for leg in mode.to)

    def heard_by(self, leg: str) -> Hearing:
        reached = {mode.reaches(leg) for mode in self.modes}
        if len(reached) > 1:
            return "unknown"
        return "hears" if True in reached else "deaf"


@dataclass(frozen=True, slots=True)
class Part:
    """What one person heard of the supervisor for a while; `role` is the one that let them hear, if known."""

    since: datetime
    until: datetime | None
    hearing: Hearing
    role: str = ""


def mode_of(options: Mapping[str, Any], role: str = "supervisor_role", to: str = "whisper_to") -> Mode:
    return Mode(str(options.get(role, "")), frozenset(options.get(to) or ()))


# --- what changed ------------------------------------------------------------------------------------
def switches(facts: Iterable[Dated], pressed: Iterable[Pressed]) -> list[Switch]:
    """From the facts about the supervision and the presses on it; a press and its accepted answer are one."""
    told = {fact.event: fact for fact in facts if fact.kind == "switched"}
    presses = {f"reply:{press.id}": press for press in pressed}
    found = [_accepted(fact, presses.get(event)) for event, fact in told.items()]
    logged = [_logged(event, press) for event, press in presses.items() if event not in told]
    return sorted([*found, *filter(None, logged)], key=lambda one: (one.known_at or one.sent_at, one.event))


def _accepted(fact: Dated, press: Pressed | None) -> Switch:
    sent_at = min(press.sent_at, fact.at) if press else fact.at
    return Switch(fact.event, mode_of(fact.detail, "role"), sent_at, fact.at)


def _logged(event: str, press: Pressed) -> Switch | None:
    """A press whose facts were forgotten, or that nothing has answered."""
    if press.taken:
        return Switch(event, press.mode, press.sent_at, press.settled_at or press.sent_at)
    return Switch(event, press.mode, press.sent_at, None) if press.unsure else None


# --- the supervisor ----------------------------------------------------------------------------------
def spans(opened: datetime, closed: datetime | None, first: Mode, changes: Iterable[Switch]) -> list[Span]:
    """One after another from `opened` to `closed`, without gaps; neighbours differ."""
    modes, since, found = frozenset({first}), opened, list[Span]()
    for at, mode, is_known in _moments(changes):
        at = max(at, opened)
        if closed is not None and at >= closed:
            break
        after = frozenset({mode}) if is_known else modes | {mode}
        if after != modes:
            found += [Span(since, at, modes)] if at > since else []
            modes, since = after, at
    if closed is None or closed > since:
        found.append(Span(since, closed, modes))
    return list(_joined(found))


def _moments(changes: Iterable[Switch]) -> list[tuple[datetime, Mode, bool]]:
    """When something began to be possible, and when it was known."""
    moments = []
    for one in set(changes):
        if one.known_at is None or one.known_at - one.sent_at > AT_ONCE:
            moments.append((one.sent_at, 1, one.event, one.mode, False))
        if one.known_at is not None:
            moments.append((one.known_at, 0, one.event, one.mode, True))
    ordered = sorted(moments, key=lambda moment: moment[:3])
    return [(at, mode, is_known) for at, _, _, mode, is_known in ordered]


def _joined(found: Iterable[Span]) -> Iterator[Span]:
    """What changed for no time at all leaves equal neighbours behind."""
    before: Span | None = None
    for span in found:
        if before and before.modes == span.modes:
            before = Span(before.since, span.until, span.modes)
            continue
        if before:
            yield before
        before = span
    if before:
        yield before


# --- everybody else ----------------------------------------------------------------------------------
def heard(
    stretches: Sequence[Span], leg: str, stays: Iterable[Stretch], holds: Iterable[Stretch] = ()
) -> list[Part]:
    """What somebody heard while they were there; who is on hold hears hold music whatever the mode is."""
    held = list(holds)
    parts = [
        _part(since, until, span, leg)
        for span in stretches
        for stay in stays_in_order(stays)
        for since, until in _both((span.since, span.until), stay)
    ]
    return _merged([piece for part in parts for piece in _cut(part, held)])


def _part(since: datetime, until: datetime | None, span: Span, leg: str) -> Part:
    hearing = span.heard_by(leg)
    return Part(since, until, hearing, span.role if hearing == "hears" else "")


def stays_in_order(stays: Iterable[Stretch]) -> list[Stretch]:
    return sorted(set(stays), key=lambda stay: (stay[0], stay[1] or EVER))


def _both(one: Stretch, other: Stretch) -> list[Stretch]:
    since, until = max(one[0], other[0]), min(one[1] or EVER, other[1] or EVER)
    return [(since, None if until == EVER else until)] if since < until else []


def _cut(part: Part, holds: Sequence[Stretch]) -> Iterator[Part]:
    """The part in pieces: held or not."""
    if part.hearing == "deaf":
        yield part
        return
    at = part.since
    for since, until in [both for hold in stays_in_order(holds) for both in _both(hold, (at, part.until))]:
        if since > at:
            yield Part(at, since, part.hearing, part.role)
        yield Part(max(since, at), until, "held")
        if until is None:
            return
        at = max(at, until)
    if part.until is None or at < part.until:
        yield Part(at, part.until, part.hearing, part.role)


def _merged(parts: Iterable[Part]) -> list[Part]:
    found: list[Part] = []
    for part in sorted(parts, key=lambda one: (one.since, one.until or EVER)):
        last = found[-1] if found else None
        if last and (last.hearing, last.role, last.until) == (part.hearing, part.role, part.since):
            found[-1] = Part(last.since, part.until, part.hearing, part.role)
        else:
            found.append(part)
    return found
