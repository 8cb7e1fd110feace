"""Commands as rows of the activity: who pressed what, on whom, where, what came of it, what shows that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.urls import reverse

import bridged_calls.verbs
import conferences.verbs
import queues.verbs
from dashboard.legs import legs
from dashboard.models import Command
from dashboard.verbs import Verb
from queues.models import Queue
from supervision import words
from telephony.models import InboxEvent

Outcome = Literal["open", "unknown", "accepted", "done", "failed", "refused"]
State = Command.State
# How far a command has come. It only grows: it is the version of its row, and the sum of all that of a list.
_ANSWERS = ((State.UNKNOWN, 1000), (State.ACCEPTED, 1001), (State.FAILED, 1002), (State.DONE, 1003))
PROGRESS = Case(
    When(Q(settled_at=None, state=State.UNKNOWN), then=2 * F("attempts") + 2),
    When(settled_at=None, then=2 * F("attempts") + 1),
    *(When(state=state, then=Value(step)) for state, step in _ANSWERS),
    default=Value(1004),
    output_field=IntegerField(),
)
_VERBS: Mapping[str, Mapping[str, Verb]] = {
    "conference": conferences.verbs.VERBS,
    "queue": queues.verbs.VERBS,
    "bridged": bridged_calls.verbs.VERBS,
}
_SUPERVISING = {
    "listen": ("Listen", "supervisor"),
    "whisper": ("Whisper", "whisper"),
    "barge": ("Barge", "barge"),
    "to-listen": ("Listen", "supervisor"),
    "to-whisper": ("Whisper", "whisper"),
    "to-barge": ("Barge", "barge"),
    "leave": ("Leave", "left"),
}
_HERE = {
    "export": ("Export", "saved"),
    "export-recordings": ("Export", "saved"),
    "play-recording": ("Play recording", "playing"),
    "download-recording": ("Download recording", "saved"),
    "delete-recording": ("Delete recording", "bin"),
    "targets": ("Our targets", "queue"),
    "make-wallboard": ("Make wallboard", "queue"),
    "change-wallboard": ("Change wallboard", "queue"),
    "delete-wallboard": ("Delete wallboard", "bin"),
    "make-screen": ("Make a screen’s link", "key"),
    "open-screen": ("Open a screen’s link", "open"),
    "revoke-screen": ("Revoke screen", "remove"),
    "test-call": ("Test call", "supervisor"),
    "end-test": ("End test call", "end"),
    "raise-hand": ("Raise hand", "hand"),
    "see-hand": ("See a raised hand", "eye"),
    "come-to-hand": ("Come to a raised hand", "hand"),
    "lower-hand": ("Lower a hand", "hand"),
    "replay": ("Replay a dead letter", "refresh"),
    "put-aside": ("Put a dead letter aside", "bin"),
}
# Telnyx announces none of these, and no read tells them: a yes is all there is.
_UNPROVABLE = {"record", "pause", "resume-recording", "digits", "role", "keep"}
_BY_THE_ANSWER = {"to-listen", "to-whisper", "to-barge"}
_REASONS = {"your role may not do this any more": "your role"}


@dataclass(frozen=True, slots=True)
class CommandShown:
    """One row. `open_since` ticks while it is not settled."""

    pk: str
    version: int
    at: datetime
    who: str
    user: int | None
    what: str
    icon: str
    target: str
    place: str
    place_url: str
    outcome: Outcome
    outcome_words: str
    open_since: datetime | None
    shown_by: str


def shown(found: Sequence[Command]) -> list[CommandShown]:
    """These commands, with their `progress`, as rows show them, in the order given; four more queries for any
    number."""
    events = dict(
        InboxEvent.objects.filter(event_id__in={one.shown_by for one in found} - {""}).values_list(
            "event_id", "event_type"
        )
    )
    names = {one.subject.partition(":")[2] for one in found if one.subject.startswith("queue:")}
    queue_pages = dict(Queue.objects.filter(name__in=names).values_list("name", "pk")) if names else {}
    labels = _labels(found)
    return [_one(one, events, queue_pages, labels) for one in found]


def _labels(found: Iterable[Command]) -> Mapping[str, str]:
    """Whom whispers were for: the log names them by their legs."""
    wanted = {leg for one in found for leg in _whispered_to(one)}
    return {key: leg.label for key, leg in legs(wanted, full_numbers=False).items()} if wanted else {}


def _whispered_to(command: Command) -> Sequence[str]:
    return command.detail.get("options", {}).get("whisper_call_control_ids") or ()


def _one(
    command: Command, events: Mapping[str, str], queue_pages: Mapping[str, int], labels: Mapping[str, str]
) -> CommandShown:
    what, icon = said(command)
    outcome = outcome_of(command)
    to = words.several([labels[leg] for leg in _whispered_to(command) if leg in labels])
    return CommandShown(
        pk=str(command.pk),
        version=progress(command),
        at=command.created_at,
        who=command.user_name,
        user=command.user_id,
        what=what,
        icon=icon,
        target=command.target or to,
        place=command.subject_name,
        place_url=_place_url(command.subject, queue_pages),
        outcome=outcome,
        outcome_words=outcome_words(command),
        open_since=command.created_at if command.is_open else None,
        shown_by=shown_by(command, outcome, events),
    )


def progress(command: Command) -> int:
    """Of one that was read with `PROGRESS`, in one look: a version must not be newer than what it is of."""
    return int(vars(command)["progress"])


def said(command: Command) -> tuple[str, str]:
    """The button's name, and its drawing."""
    kind = command.subject.partition(":")[0]
    if kind == "supervision" and command.action in _SUPERVISING:
        return _SUPERVISING[command.action]
    if verb := _VERBS.get(kind, {}).get(command.action):
        return verb.noun, verb.icon
    return _HERE.get(command.action, (command.action.replace("-", " ").capitalize(), "end"))


def outcome_of(command: Command) -> Outcome:
    if command.is_open:
        return "unknown" if command.state == State.UNKNOWN else "open"
    settled: dict[str, Outcome] = {
        State.DONE: "done",
        State.ACCEPTED: "accepted",
        State.UNKNOWN: "unknown",
        State.REFUSED: "refused",
    }
    return settled.get(command.state, "failed")


def outcome_words(command: Command) -> str:
    """`Done, 0.4 s`, `Failed, no answer`, `Not known`; while it is open its age follows."""
    reason = _REASONS.get(command.reason, command.reason)
    match outcome_of(command):
        case "open":
            return "Sent"
        case "unknown":
            return "Not known"
        case "done":
            return f"Done{_took(command)}"
        case "accepted":
            return f"Accepted{_took(command)}"
        case "refused":
            return f"Refused, {reason}" if reason else "Refused"
    return f"Failed, {reason}" if reason else "Failed"


def _took(command: Command) -> str:
    if not command.settled_at or not command.attempts:
        return ""  # done here: nothing was asked of Telnyx
    return f", {(command.settled_at - command.created_at).total_seconds():.1f} s"


def shown_by(command: Command, outcome: Outcome, events: Mapping[str, str]) -> str:
    """The webhook or the read that shows the outcome, or why there is none."""
    if outcome == "unknown":
        return "no answer, checking" if command.is_open else "no answer"
    if outcome == "open":
        return "waiting for Telnyx"
    if outcome == "refused":
        return "not done"
    if outcome == "accepted":
        if command.action in _BY_THE_ANSWER:
            return "the answer names the role"
        return "no proof exists" if command.action in _UNPROVABLE else "not shown yet"
    if command.shown_by:
        # Reads write down words, webhooks the number of their event.
        return events.get(command.shown_by, command.shown_by if " " in command.shown_by else "a webhook")
    return "not done" if outcome == "failed" else "done here" if not command.attempts else "read from Telnyx"


def _place_url(subject: str, queue_pages: Mapping[str, int]) -> str:
    kind, _, key = subject.partition(":")
    if kind == "supervision":
        key = key.rpartition(":")[0]
        kind = "" if key == "bridged" else "conference"
    if kind == "bridged":
        return reverse("bridged-call", args=[key])
    if kind == "conference":
        return reverse("conference", args=[key])
    if kind == "queue" and key in queue_pages:
        return reverse("queue", args=[queue_pages[key]])
    return reverse("recordings") if kind == "recordings" else ""
