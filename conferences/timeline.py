"""The story of a conference in words: what happened (facts) and who did what (commands)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db.models import Q

from conferences.keys import keys
from conferences.models import Conference
from conferences.presentation import Deed, Happening, Line, Span
from conferences.transitions import subject
from conferences.verbs import VERBS
from conferences.words import WORDS, Story, words
from dashboard.legs import Leg, legs
from dashboard.models import Command
from dashboard.verbs import Verb
from telephony.facts import Dated, order
from telephony.models import Fact

# How far apart the two may date the same thing: a beat, and two reads for an absence.
READ_WITHIN = timedelta(seconds=30)
COLUMNS = ("at", "kind", "who", "what", "note", "outcome")
Spans = dict[str, list[Span]]

# Facts that are no lines of their own: the commands that started what was heard.
_COMMANDS = ("play_sent", "speak_sent")
_OURS = {
    "export": "exported",
    "raise-hand": "raised a hand:",
    "see-hand": "saw the raised hand of",
    "come-to-hand": "comes to the raised hand of",
    "lower-hand": "lowered the raised hand:",
}
# Presses of a supervisor, whose subject is `supervision:<conference>:…`.
_SUPERVISING = {
    "listen": "pressed Listen",
    "whisper": "pressed Whisper",
    "barge": "pressed Barge",
    "to-listen": "went back to listening",
    "to-whisper": "went over to whispering",
    "to-barge": "barged in",
    "leave": "left",
}
_HUNG_UP = {
    "right lost": "the right to it was lost",
    "role not known": "nobody could say who heard them",
}
REASONS = {
    "all_left": "everybody left",
    "host_left": "the host left",
    "time_exceeded": "the longest allowed time was over",
    "ended_via_api": "a command ended it",
}
_RUNS = ("recording_started", "recording_paused", "recording_resumed")
_RECORDING = (*_RUNS, "recording_stopped", "recording_saved")


def end_words(conference: Conference, about: Mapping[str, Leg]) -> str:
    """Why it ended, and by whom if Telnyx says so."""
    words = REASONS.get(conference.end_reason, conference.end_reason.replace("_", " "))
    by = about[conference.ended_by_leg].label if conference.ended_by_leg in about else ""
    return ", ".join(part for part in (words, f"by {by}" if by else "") if part)


def happenings(
    conference: Conference,
    *,
    full_numbers: bool,
    lines: int,
    digits: bool = False,
    without: Collection[str] = (),
) -> list[Happening]:
    """What happened, newest first. `digits`: also what people keyed, else that they did. `without`: nothing
    of these legs."""
    told = Fact.objects.filter(subject=subject(conference.id), kind__in={*WORDS, *_COMMANDS})
    told = told.exclude(leg__in=without)
    every: list[Dated] = [*told.order_by("-at", "-rank", "-event")[: 2 * lines], *keys(conference, lines)]
    every.sort(key=order, reverse=True)
    newest = [fact for fact in _once(every) if fact.kind in WORDS and not _is_said_at_joining(fact)][:lines]
    named = {leg for fact in newest for leg in (fact.leg, *fact.detail.get("whisper_to", ())) if leg}
    about = legs(named | ({conference.ended_by_leg} - {""}), full_numbers=full_numbers)
    story = Story(every, about, end_words(conference, about), digits)
    return [Happening(fact.at, WORDS[fact.kind][0], words(fact, story)) for fact in newest]


def _is_said_at_joining(fact: Dated) -> bool:
    """The role that a supervisor was called with: nobody is told before they are there."""
    return fact.kind == "role" and bool(fact.detail.get("dialled"))


def _once(every: Sequence[Dated]) -> list[Dated]:
    """A read may have found what a webhook told too, at a slightly different time: that is one happening."""
    proofs = [fact for fact in every if fact.source == "webhook"]
    return [
        fact for fact in every if fact.source != "read" or not any(_is_same(fact, proof) for proof in proofs)
    ]


def _is_same(guess: Dated, proof: Dated) -> bool:
    near = abs(guess.at - proof.at) <= READ_WITHIN
    return near and (_kind(guess), guess.leg) == (_kind(proof), proof.leg)


def _kind(fact: Dated) -> str:
    return "joined" if fact.kind == "seated" else fact.kind


def deeds(conference: Conference, *, lines: int) -> list[Deed]:
    """Who did what, newest first."""
    return [deed(command) for command in Command.objects.filter(pressed_in(conference.id))[:lines]]


def pressed_in(conference_id: str) -> Q:
    """The presses in a conference, those on its supervisions included."""
    return Q(subject=subject(conference_id)) | Q(subject__startswith=f"supervision:{conference_id}:")


def deed(command: Command, verbs: Mapping[str, Verb] = VERBS) -> Deed:
    """One press in a conference, or where else these are the verbs, and what came of it."""
    return replace(_told(command, verbs), user=command.user_id)


def _told(command: Command, verbs: Mapping[str, Verb]) -> Deed:
    if command.action not in verbs:
        return _aside(command)
    verb = verbs[command.action]
    done = command.state in {Command.State.ACCEPTED, Command.State.DONE}
    pressed = f"pressed {verb.noun}" + (f" on {command.target}" if command.target else "")
    words = verb.past.format(target=command.target) if done else pressed
    outcome, outcome_words = _outcome(command)
    note = verb.note(command.detail.get("options", {})) if verb.note else ""
    return Deed(command.created_at, verb.icon, command.user_name, words, outcome, outcome_words, note)


def _aside(command: Command) -> Deed:
    """What was done here and never went to Telnyx."""
    outcome, outcome_words = _outcome(command)
    if command.family == "supervise":
        words = _of_supervision(command)
        return Deed(command.created_at, "supervisor", command.user_name, words, outcome, outcome_words)
    words = f"{_OURS.get(command.action, command.action)} {command.target}".strip()
    icon = "hand" if command.family == "hand" else "saved"
    return Deed(command.created_at, icon, command.user_name, words, outcome, outcome_words)


def _of_supervision(command: Command) -> str:
    """What a supervisor pressed, or what Earshot did for one, and why."""
    if command.user_id is not None:
        return _SUPERVISING.get(command.action, command.action)
    if left := command.detail.get("left"):
        return f"let {command.target} only listen: {left} left"
    why = _HUNG_UP.get(str(command.detail.get("reason", "")), "it was in no conference")
    return f"hung up the phone of {command.target}: {why}"


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


def together(conference: Conference, *, full_numbers: bool, digits: bool, lines: int) -> list[Line]:
    """What happened and who did what as one story, oldest first."""
    happened = happenings(conference, full_numbers=full_numbers, digits=digits, lines=lines)
    done = deeds(conference, lines=lines)
    story = [Line(line.at, "event", line.icon, "", line.words, "", "") for line in happened]
    story += [_line(deed, digits) for deed in done]
    return sorted(story, key=lambda line: line.at)


def _line(deed: Deed, digits: bool) -> Line:
    """A note may hold digits."""
    note = deed.note if digits else ""
    return Line(deed.at, "command", deed.icon, deed.who, deed.words, note, deed.outcome_words)


def rows(story: Iterable[Line]) -> list[dict[str, str]]:
    """The story for a file: `COLUMNS`, times in UTC."""
    return [
        {"at": _utc(line.at)} | {name: getattr(line, name) for name in COLUMNS if name != "at"}
        for line in story
    ]


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
