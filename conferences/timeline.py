"""The story of a conference in words: what happened (facts) and who did what (commands)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from conferences.models import Conference
from conferences.presentation import Deed, Happening, Span
from conferences.transitions import subject
from conferences.verbs import VERBS
from dashboard.legs import Leg, legs
from dashboard.models import Command
from telephony.models import Fact

# How far apart the two may date the same thing: a beat, and two reads for an absence.
READ_WITHIN = timedelta(seconds=30)
Spans = dict[str, list[Span]]

# kind of fact → icon, words about a person ({who}), words about everybody
_WORDS = {
    "created": ("start", "Conference started", "Conference started"),
    "ended": ("end", "Conference ended", "Conference ended"),
    "joined": ("joined", "{who} joined", ""),
    "left": ("left", "{who} left", ""),
    "floor": ("speaking", "{who} took the floor", ""),
    "muted": ("mute", "{who} muted", ""),
    "unmuted": ("unmute", "{who} unmuted", ""),
    "held": ("hold", "{who} on hold, hears music", ""),
    "resumed": ("resume", "{who} resumed", ""),
    "playing": ("playing", "Audio plays to {who}", "Audio plays to everyone"),
    "played": ("stop", "Audio to {who} ended", "Audio to everyone ended"),
    "speaking": ("speech", "Text is spoken to {who}", "Text is spoken to everyone"),
    "spoken": ("stop", "Speaking to {who} ended", "Speaking to everyone ended"),
    "recording_started": ("record", "", "Recording started"),
    "recording_paused": ("paused", "", "Recording paused"),
    "recording_resumed": ("record", "", "Recording continued"),
    "recording_stopped": ("stop", "", "Recording stopped"),
    "recording_saved": ("saved", "", "Recording saved"),
}
REASONS = {
    "all_left": "everybody left",
    "host_left": "the host left",
    "time_exceeded": "the longest allowed time was over",
    "ended_via_api": "ended by a command",
}
_RUNS = ("recording_started", "recording_paused", "recording_resumed")
_RECORDING = (*_RUNS, "recording_stopped", "recording_saved")


def happenings(conference: Conference, *, full_numbers: bool, lines: int) -> list[Happening]:
    """What happened, newest first."""
    told = Fact.objects.filter(subject=subject(conference.id), kind__in=_WORDS)
    newest = _once(told.order_by("-at", "-rank", "-event")[: 2 * lines])[:lines]
    about = legs({fact.leg for fact in newest if fact.leg}, full_numbers=full_numbers)
    return [_happening(fact, about) for fact in newest]


def _once(facts: Iterable[Fact]) -> list[Fact]:
    """A read may have found what a webhook told too, at a slightly different time: that is one happening."""
    every = list(facts)
    proofs = [fact for fact in every if fact.source == "webhook"]
    return [
        fact for fact in every if fact.source != "read" or not any(_is_same(fact, proof) for proof in proofs)
    ]


def _is_same(guess: Fact, proof: Fact) -> bool:
    near = abs(guess.at - proof.at) <= READ_WITHIN
    return near and (guess.kind, guess.leg) == (proof.kind, proof.leg)


def _happening(fact: Fact, about: dict[str, Leg]) -> Happening:
    icon, personal, general = _WORDS[fact.kind]
    words = personal.format(who=about[fact.leg].label) if fact.leg and personal else general
    reason = REASONS.get(str(fact.detail.get("reason", "")), "")
    return Happening(fact.at, icon, f"{words}: {reason}" if reason else words or fact.kind.replace("_", " "))


def deeds(conference: Conference, *, lines: int) -> list[Deed]:
    """Who did what, newest first."""
    return [_deed(command) for command in Command.objects.filter(subject=subject(conference.id))[:lines]]


def _deed(command: Command) -> Deed:
    verb = VERBS[command.action]
    done = command.state in {Command.State.ACCEPTED, Command.State.DONE}
    pressed = f"pressed {verb.noun}" + (f" on {command.target}" if command.target else "")
    words = verb.past.format(target=command.target) if done else pressed
    outcome, outcome_words = _outcome(command)
    note = verb.note(command.detail.get("options", {})) if verb.note else ""
    return Deed(command.created_at, verb.icon, command.user_name, words, outcome, outcome_words, note)


def _outcome(command: Command) -> tuple[Literal["ok", "open", "unknown", "bad"], str]:
    if command.is_open:
        return ("unknown", "Checking") if command.state == Command.State.UNKNOWN else ("open", "Sent")
    took = (
        f", {(command.settled_at - command.created_at).total_seconds():.1f} s" if command.settled_at else ""
    )
    match command.state:
        case Command.State.DONE:
            return "ok", f"Done{took}"
        case Command.State.ACCEPTED:
            return "ok", f"Accepted{took}"
        case Command.State.UNKNOWN:
            return "unknown", "Not known"
        case Command.State.REFUSED:
            return "bad", f"Refused: {command.reason}"
    return "bad", f"Failed: {command.reason}"


def spans(conferences: Iterable[Conference]) -> Spans:
    """The stretches of each conference's newest recording, from the facts that started and paused it."""
    by_subject = {subject(conference.id): conference for conference in conferences}
    if not by_subject:
        return {}
    told: dict[str, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(subject__in=by_subject, kind__in=_RECORDING).order_by(
        "at", "rank", "event"
    ):
        told[fact.subject].append(fact)
    return {
        conference.id: _spans(told[about], conference.ended_at) for about, conference in by_subject.items()
    }


def _spans(facts: Sequence[Fact], ended_at: datetime | None) -> list[Span]:
    found: list[Span] = []
    begun: Fact | None = None
    for fact in facts:
        if begun:
            found.append(_span(begun, fact.at))
        if fact.kind == "recording_started":
            found = []
        begun = fact if fact.kind in _RUNS else None
    if begun:
        found.append(_span(begun, ended_at))
    return found


def _span(begun: Fact, until: datetime | None) -> Span:
    paused = begun.kind == "recording_paused"
    return Span(paused, begun.at, until, str(begun.detail.get("by", "")) if paused else "")
