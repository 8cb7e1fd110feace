"""One supervision in full: who heard whom, by what right, step by step, each with what proves it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from activity import supervisions
from activity.log import outcome_of, said
from activity.rights import Right, Told, given_by, told
from activity.stories import Person, Story, stories
from activity.supervisions import SupervisionShown
from dashboard.legs import masked, spaced
from dashboard.models import Command
from supervision import words
from supervision.models import Supervision
from supervision.spans import Part, Span, heard
from telephony.models import Call, InboxEvent

State = Supervision.State
_JOINED = {"monitor": "Joined, muted", "whisper": "Joined, whispering", "barge": "Joined, heard by everyone"}
_ENDS = {
    "left": "Left",
    "cancelled": "Cancelled",
    "moved": "Went on to another conference",
    "conference ended": "The conference ended",
    "hung up": "The phone hung up",
    "taken out": "Was taken out",
    "right lost": "Hung up by Earshot: the right to it was lost",
    "role not known": "Hung up by Earshot: nobody could say who heard it",
}


@dataclass(frozen=True, slots=True)
class Lane:
    """What one person heard of the supervisor; `words` says the same as the drawing."""

    name: str
    parts: Sequence[Part]
    words: str


@dataclass(frozen=True, slots=True)
class Proof:
    """An event of the inbox: its type and number; number 0 when it was deleted."""

    type: str
    number: int

    @property
    def words(self) -> str:
        return f"{self.type}, inbox {self.number}" if self.number else self.type


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    icon: str
    tone: str
    words: str
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """The pane. `stretches` are the modes; `verdict` says what callers heard, `proofs` what shows it."""

    shown: SupervisionShown
    stretches: Sequence[Span]
    lanes: Sequence[Lane]
    verdict: str
    doubts: Sequence[Span]
    proofs: Sequence[Proof]
    right: Right
    given_by: str
    told: Sequence[Told]
    widened: bool
    phone: str
    steps: Sequence[Step]

    @property
    def version(self) -> int:
        return self.shown.version


def detail(row: Supervision, *, full_numbers: bool) -> Detail:
    (story,) = stories([row], full_numbers=full_numbers)
    stretches, shown = story.spans, supervisions.show(story)
    lanes = [_lane(story, person, stretches) for person in story.people]
    proofs = _proofs(story)
    agents = [one.leg.call_control_id for one in story.people if one.leg.kind == "agent"]
    return Detail(
        shown=shown,
        stretches=stretches,
        lanes=lanes,
        verdict=_verdict(story, stretches),
        doubts=[span for span in stretches if not span.role],
        proofs=list(dict.fromkeys(proofs.values())),
        right=shown.right,
        given_by=given_by(row.user_id, row.requested_at),
        told=told(_numbers(agents)) if row.connected_at else [],
        widened=any(span.role in {"whisper", "barge"} for span in stretches),
        phone=spaced(row.phone) if full_numbers else masked(row.phone),
        steps=_steps(story, proofs),
    )


def _numbers(agents: Iterable[str]) -> list[str]:
    return [call.far_number for call in Call.objects.filter(call_control_id__in=list(agents))]


# --- who heard whom --------------------------------------------------------------------------------------
def _lane(story: Story, person: Person, stretches: Sequence[Span]) -> Lane:
    parts = heard(stretches, person.leg.call_control_id, person.stays, _held(story, person))
    name = person.leg.label
    return Lane(name, parts, _lane_words(name, parts, story.row.user_name))


def _held(story: Story, person: Person) -> Sequence[tuple[datetime, datetime | None]]:
    return story.holds.get(person.leg.call_control_id, ())


def _lane_words(name: str, parts: Sequence[Part], supervisor: str) -> str:
    kinds = {part.hearing for part in parts}
    if kinds <= {"deaf", "held"}:
        return f"{name} never heard {supervisor}."
    if "hears" in kinds:
        return f"{name} heard {supervisor}."
    return f"Whether {name} heard {supervisor} is not known."


def _verdict(story: Story, stretches: Sequence[Span]) -> str:
    """What the people who are no agents heard: the question that is asked most."""
    if not stretches:
        return f"Nobody ever heard {story.row.user_name}." if not story.row.is_live else ""
    if not story.people and not story.seen:
        return "Who else was there is not known."
    callers = [person for person in story.people if person.leg.kind in {"caller", "unknown"}]
    if not callers:
        return "No caller was there."
    kinds = {part.hearing for one in callers for part in _lane(story, one, stretches).parts}
    one = len(callers) == 1
    if "hears" in kinds:
        return f"{'The caller' if one else 'A caller'} heard {story.row.user_name}."
    if "unknown" in kinds:
        return f"Whether {'the' if one else 'a'} caller heard {story.row.user_name} is not known."
    if story.row.is_live:
        return f"{'The caller has not' if one else 'No caller has'} heard {story.row.user_name}."
    return f"{'The caller never' if one else 'No caller ever'} heard {story.row.user_name}."


# --- proof -----------------------------------------------------------------------------------------------
def _proofs(story: Story) -> dict[str, Proof]:
    """The events that the record and the commands rest on, oldest first."""
    told = [fact.event for fact in story.facts if fact.kind in {"dialled", "switched"}]
    ids = dict.fromkeys([*story.row.proofs.values(), *told])
    stored = InboxEvent.objects.filter(event_id__in=ids).order_by("received_at", "id")
    found = {event: Proof(kind, pk) for event, kind, pk in stored.values_list("event_id", "event_type", "pk")}
    gone = Proof("an event that was deleted since", 0)
    return found | {event: gone for event in ids if event not in found}


# --- step by step ----------------------------------------------------------------------------------------
def _steps(story: Story, proofs: Mapping[str, Proof]) -> list[Step]:
    row = story.row
    found = [step for command in story.commands for step in _of_command(command, story, proofs)]
    for name, at, words_ in (
        ("calling", row.calling_at, "The phone was called"),
        ("answered", row.answered_at, "Answered"),
        ("connected", row.connected_at, _JOINED[row.asked_role]),
        ("ended", row.ended_at, _end_words(row)),
    ):
        if at:
            icon = "check" if name != "ended" else "fail" if row.state == State.FAILED else "left"
            found.append(Step(at, icon, "red" if icon == "fail" else "", words_, _proof(row, name, proofs)))
    return sorted(found, key=lambda step: step.at)


def _proof(row: Supervision, name: str, proofs: Mapping[str, Proof]) -> Proof | None:
    return proofs.get(row.proofs.get(name, ""))


def _end_words(row: Supervision) -> str:
    if row.state == State.FAILED:
        return f"Not joined: {words.cause(row.reason)}"
    return _ENDS.get(row.reason, "Ended")


def _of_command(command: Command, story: Story, proofs: Mapping[str, Proof]) -> list[Step]:
    """The press, and Telnyx's answer to it."""
    what, icon = said(command)
    labels = {person.leg.call_control_id: person.leg.label for person in story.people}
    to = command.detail.get("options", {}).get("whisper_call_control_ids") or ()
    for_whom = words.several([labels.get(leg, "somebody") for leg in to])
    pressed = f"{command.user_name} pressed {what}" if command.user_id else f"Earshot: {what.lower()}"
    steps = [Step(command.created_at, icon, "", f"{pressed}{f', to {for_whom}' if for_whom else ''}")]
    if answer := _answer(command):
        steps.append(Step(*answer, proofs.get(f"reply:{command.pk}")))
    return steps


def _answer(command: Command) -> tuple[datetime, str, str, str] | None:
    if command.settled_at is None:
        return None
    took = f"{(command.settled_at - command.created_at).total_seconds():.1f} s"
    match outcome_of(command):
        case "done" | "accepted":
            return command.settled_at, "check", "green", f"Telnyx accepted, {took}"
        case "unknown":
            return command.settled_at, "half", "amber", "No answer from Telnyx: not known"
        case "refused":
            return command.settled_at, "fail", "red", f"Telnyx refused: {command.reason}"
    return command.settled_at, "fail", "red", f"Failed: {command.reason}"
