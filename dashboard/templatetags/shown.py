"""What templates need to show facts: icons, ticking times, levels against a limit, command buttons."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Protocol

from django import template
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
@cache
def icon(name: str, also: str = "") -> SafeString:
    """One drawing of static/icons.svg. It says nothing to a reader: a word always stands beside it."""
    drawn = '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>'
    return format_html(drawn, f"icon {also}".strip(), static("icons.svg"), name)


@register.simple_tag
@cache
def severity(ok: str = "ring") -> SafeString:
    """The shape of the nearest level: `ok` at rest, a triangle at amber, an octagon at red."""
    return icon(ok, "at-ok") + icon("triangle", "at-amber") + icon("octagon", "at-red")


@register.simple_tag
@cache
def hand_sign() -> SafeString:
    """A raised hand: in outline while it is amber, filled once it is red."""
    return icon("hand", "at-ok") + icon("hand", "at-amber") + icon("hand-filled", "at-red")


@register.filter
def iso(at: datetime | None) -> str:
    """A time for `data-since` and `datetime`, in UTC: the same text in every zone."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z" if at else ""


@register.filter
def clock(seconds: int | float | None) -> str:
    """`m:ss`, from one hour `h:mm:ss`."""
    if not isinstance(seconds, int | float):
        return "–"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:g}%"


@register.simple_tag
def timer(
    since: datetime | None,
    form: str = "clock",
    amber: float | None = None,
    red: float | None = None,
    *,
    least: timedelta | None = None,
) -> SafeString:
    """A time that the browser draws each second. Readers get the text beside it, renewed each 30 s.

    `amber` and `red`, in seconds, are the limits from which the nearest `[data-timed]` changes its level; it
    is drawn as no less than `least`.
    """
    if since is None:
        return mark_safe("–")
    lowest = least.total_seconds() if least else None
    told = (("amber", amber), ("red", red), ("least", lowest))
    limits = [(name, f"{value:g}") for name, value in told if value is not None]
    extra = "".join(f' data-{name}="{value}"' for name, value in limits)
    return format_html(
        '<span class="t" aria-hidden="true" data-since="{}" data-format="{}"{}>0:00</span>'
        '<span class="sr" data-spoken></span>',
        iso(since),
        form,
        mark_safe(extra),  # noqa: S308 - names are ours, values are numbers
    )


class _Spent(Protocol):
    @property
    def over(self) -> timedelta: ...

    @property
    def since(self) -> datetime | None: ...


@register.simple_tag
def spent(time: _Spent) -> SafeString:
    """A sum of times. While it goes on it is drawn as one time that began so much earlier."""
    if time.since is None:
        return mark_safe(clock(time.over.total_seconds()))  # noqa: S308 - digits and colons
    return timer(time.since - time.over)


@register.filter
def share(value: float, part: float) -> float:
    """`part` percent of a value: a wait is at risk from 80 % of its target."""
    return value * part / 100


@register.filter
def below(percent: float | None, target: float) -> str:
    """A service level's level: amber below its target, red from 5 points below."""
    if percent is None:
        return "none"
    if percent >= target:
        return "ok"
    return "red" if percent <= target - 5 else "amber"


@register.filter
def above(value: float | None, limit: float | None) -> str:
    """A count's level: amber above its limit, red at twice the limit."""
    if not isinstance(value, int | float) or not isinstance(limit, int | float) or value <= limit:
        return "ok"
    return "red" if value >= 2 * limit else "amber"


@register.filter
def at_least(value: float | None, limit: float | None) -> str:
    """The level of something that is over its limit as soon as it reaches it."""
    if not isinstance(value, int | float) or not isinstance(limit, int | float):
        return "ok"
    return "red" if value >= limit else "ok"


@register.filter
def more_than(value: int, other: int) -> str:
    """`131 more than`, `2 fewer than`, `as many as`."""
    if value == other:
        return "as many as"
    return f"{value - other} more than" if value > other else f"{other - value} fewer than"


@register.filter
def minus(value: float, other: float) -> float:
    return value - other


@register.filter
def initials(name: str) -> str:
    """`DW` for Dana Whitfield."""
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper()


class _Queue(Protocol):
    @property
    def count(self) -> int: ...


@register.filter
def waiting_total(queues: Iterable[_Queue]) -> int:
    return sum(queue.count for queue in queues)


class _Person(Protocol):
    @property
    def on_hold(self) -> bool | None: ...


@register.filter
def anybody_held(people: Iterable[_Person]) -> bool:
    return any(person.on_hold for person in people)


class _Mark(Protocol):
    @property
    def kind(self) -> str: ...


@register.filter
def mark_of(marks: Iterable[_Mark], kind: str) -> _Mark | None:
    """The mark of one kind, for its limits."""
    return next((mark for mark in marks if mark.kind == kind), None)


class _Limited(_Mark, Protocol):
    @property
    def since(self) -> datetime | None: ...

    @property
    def amber(self) -> int | None: ...

    @property
    def red(self) -> int | None: ...


@register.filter
def limits(marks: Iterable[_Limited]) -> str:
    """The marks that turn as time passes, for a row not drawn yet: `quiet,2026-11-23T12:00:00Z,60,120 …`."""
    limited = [mark for mark in marks if mark.since and mark.amber is not None]
    return " ".join(f"{mark.kind},{iso(mark.since)},{mark.amber},{mark.red}" for mark in limited)


class _Pending(Protocol):
    @property
    def word(self) -> str: ...

    @property
    def unknown(self) -> bool: ...


@register.simple_tag
def command(
    key: str,
    word: str,
    address: str,
    *,
    sent: _Pending | None = None,
    seen: object = "",
    on: str = "",
    sign: str = "",
    kind: str = "",
    shortcut: str = "",
) -> SafeString:
    """A button that commands Telnyx: `key` makes its id, `seen` is the fact that the presser saw.

    `on` names whom or what it acts on, for readers; `sent` is its open command, drawn in its place. Without
    an address it sends the form that it stands in.
    """
    state, said, face = _face(word, sent, sign)
    extra = [format_html(' data-shortcut="{}"', shortcut)] if shortcut else []
    extra += [format_html(' aria-label="{} {}"', said, on)] if on else []
    extra += [_WAITING] if sent else []
    hint = format_html("<kbd>{}</kbd>", shortcut) if kind == "keyed" and not sent else ""
    return format_html(
        '<button id="{}" class="button {}{}" data-command{}{}>{}{}</button>',
        key,
        kind,
        state,
        _sends(address, seen),
        SafeString("".join(extra)),
        face,
        hint,
    )


def _sends(address: str, seen: object) -> SafeString:
    """A button with an address posts by itself; without one it sends the form that it stands in."""
    if not address:
        return SafeString(' type="submit"')
    return format_html(' type="button" hx-post="{}" hx-vals="{}"', address, json.dumps({"seen": str(seen)}))


_WAITING = mark_safe(' aria-disabled="true" title="Sent, waiting for Telnyx"')


def _face(word: str, sent: _Pending | None, sign: str) -> tuple[str, str, SafeString]:
    """How a button looks: its class, what readers hear, and its drawing with the word."""
    if not sent:
        return "", word, (icon(sign) if sign else SafeString()) + escape(word)
    if sent.unknown:
        return " checking", "Checking", icon("half") + escape("Checking")
    return " sent", sent.word, icon("turn", "turning") + escape(sent.word)


@register.filter
def lasted(started: datetime | None, ended: datetime | None) -> str:
    return clock((ended - started).total_seconds()) if started and ended else "–"


class _Gone(Protocol):
    @property
    def outcome(self) -> str: ...


@register.filter
def outcomes(gone: Iterable[_Gone], outcome: str) -> int:
    return sum(left.outcome == outcome for left in gone)
