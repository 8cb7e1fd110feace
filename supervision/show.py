"""From rows to Supervise, as one supervisor sees it in one conference."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conferences.models import Conference, Participant
from dashboard.legs import Leg, legs, spaced
from dashboard.models import Command, User
from supervision import preflight, words
from supervision.desk import RING
from supervision.models import Phone, Supervision
from supervision.presentation import Hearer, Notice, Panel, Segment, Step
from supervision.show_own import (
    ICONS,
    WORDS,
    notice,
    open_commands,
    undecided_of,
    unsaid_of,
    version_of,
    whispered,
    widest,
)
from telephony import status
from telephony.statements import Select

_MOVING = "Bringing you over."
State = Supervision.State

_PRESENT = Select(Participant, "conference_id = %s AND left_at IS NULL", order="joined_at, id")
_ACCEPTED = Select(
    Command,
    "subject = %s AND action IN {} AND state = 'accepted'",
    "settled_at",
    order="created_at DESC",
)
_THERE = Select(
    Supervision,
    "conference_id = %s AND user_id <> %s AND state = 'connected' AND moved_at IS NULL",
    "user_name",
    "role",
    order="requested_at DESC",
)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the panel is made of."""

    user: User
    conference: Conference
    stays: Sequence[Participant]
    about: dict[str, Leg]
    current: Supervision | None
    waiting: Sequence[Command]
    undecided: Sequence[Command]

    @property
    def mine(self) -> Supervision | None:
        """The supervision of this conference."""
        here = self.current is not None and self.current.conference_id == self.conference.id
        return self.current if here else None

    @property
    def role(self) -> str:
        """As far as anybody may hear; "" while not in the conference."""
        connected = self.mine is not None and self.mine.state == State.CONNECTED
        return widest(self.mine, self.undecided) if connected and self.mine else ""


def panel(user: User, conference: Conference) -> Panel:
    """Supervise, as this person sees it in this conference."""
    version = panel_version(user.pk, conference)  # before the rest: what comes meanwhile is a newer version
    scene = _scene(user, conference)
    mine, role = scene.mine, scene.role
    to = _targets(scene, mine) if mine else []
    unsaid = None if mine else _unsaid(scene)
    said = notice(unsaid) if unsaid else None
    problem = None if mine else _problem(scene)
    return Panel(
        user=user.pk,
        conference_id=conference.id,
        conference=str(conference),
        version=version,
        live=conference.is_live,
        tone=role,
        segments=[_segment(mode, scene) for mode in words.MODES],
        line=_line(scene, to, said, problem),
        note=_note(scene, said),
        phone=spaced(mine.phone) if mine else "",
        since=mine.connected_at if mine else None,
        steps=steps_of(mine, unsaid),
        notice=said,
        problem=problem.title if problem else "",
        problem_text=problem.text if problem else "",
        here=bool(role),
        calling=mine is not None and not role,
        bar=bar_of(role, to),
        people=_people(scene, role, to) if role else (),
        others=_others(scene),
        reach=[one for one in _people(scene, role, to) if one.kind == "agent"] if role else (),
    )


def panel_version(user_id: int, conference: Conference) -> int:
    """All parts only grow, so their sum is a version."""
    return conference.version + version_of(user_id) + status.current().version


def _scene(user: User, conference: Conference) -> _Scene:
    stays = _PRESENT.rows(conference.id) if conference.is_live else []
    current = Supervision.objects.current(user)
    named = {stay.call_control_id for stay in stays} | set(current.whisper_to if current else [])
    about = legs(named, full_numbers=False)
    waiting, undecided = (open_commands(current), undecided_of(current)) if current else ([], ())
    return _Scene(user, conference, stays, about, current, waiting, undecided)


def _targets(scene: _Scene, mine: Supervision) -> list[str]:
    """Whom a whisper may reach now, of those who are there."""
    wanted = whispered(mine, scene.undecided)
    return [stay.call_control_id for stay in scene.stays if stay.call_control_id in wanted]


def _segment(mode: str, scene: _Scene) -> Segment:
    role = words.MODES[mode]
    waiting = next((one for one in scene.waiting if one.action in {mode, f"to-{mode}"}), None)
    calling = scene.mine is not None and not scene.role
    on_the_way = calling and scene.mine is not None and scene.mine.asked_role == role
    return Segment(
        mode=mode,
        word=WORDS[mode],
        key=WORDS[mode][0],
        icon=ICONS[mode],
        pressed=bool(scene.role) and scene.mine is not None and scene.mine.role == role,
        sent=on_the_way or (waiting is not None and scene.mine is not None),
        unknown=waiting is not None and waiting.state == Command.State.UNKNOWN,
        problem=_why_not(mode, scene, calling),
    )


def _why_not(mode: str, scene: _Scene, calling: bool) -> str:
    if problem := preflight.right(mode, scene.user.actions):
        return problem.title
    if calling:
        return "Answer your phone first."
    if scene.mine is None and (problem := _problem(scene)):
        return problem.title
    if mode == "whisper" and (problem := preflight.agents(_agents(scene))):
        return problem.title
    return ""


def _problem(scene: _Scene) -> preflight.Problem | None:
    """What stands against a first press here."""
    if not scene.conference.is_live:
        return preflight.Problem(f"{scene.conference} has ended.", "")
    if scene.current is not None:
        if scene.current.state != State.CONNECTED:
            text = f"It is being called for {scene.current.conference_name}."
            return preflight.Problem("Answer your phone first.", text)
        return preflight.telnyx()
    return preflight.line(Phone.objects.filter(user=scene.user, active=True).first())


def _agents(scene: _Scene) -> list[str]:
    return [leg.call_control_id for leg in scene.about.values() if leg.kind == "agent" and _here(scene, leg)]


def _here(scene: _Scene, leg: Leg) -> bool:
    return any(stay.call_control_id == leg.call_control_id for stay in scene.stays)


def _unsaid(scene: _Scene) -> Supervision | None:
    """What ended here unasked, and is not put away."""
    unsaid = unsaid_of(scene.user)
    return unsaid if unsaid and unsaid.conference_id == scene.conference.id else None


def _line(scene: _Scene, to: Sequence[str], said: Notice | None, problem: preflight.Problem | None) -> str:
    mine = scene.mine
    if said:
        return said.title
    if mine is None:
        return problem.title if problem else ""
    if not scene.role:
        return calling_line(mine)
    left = _left(scene, mine, to)
    unsure = any(command.state == Command.State.UNKNOWN for command in scene.undecided)
    heard = words.heard(scene.role, [scene.about[leg].label for leg in to])
    return f"{left}{heard}{' Telnyx has not answered the last press.' if unsure else ''}"


def calling_line(mine: Supervision) -> str:
    if mine.root != mine.pk:
        return _MOVING
    return f"Answer {spaced(mine.phone)} to {words.VERBS[mine.asked_role]}."


def _left(scene: _Scene, mine: Supervision, to: Sequence[str]) -> str:
    """Whom it whispered to and who has left, until the next press."""
    if mine.role == "whisper":
        gone = [] if to else [scene.about[leg].label for leg in mine.whisper_to if leg in scene.about]
        return f"{words.several(gone)} left. " if gone else ""
    fell = Command.objects.filter(subject=mine.subject, action__startswith="to-").first()
    return f"{fell.detail['left']} left. " if fell and fell.detail.get("left") else ""


def _note(scene: _Scene, said: Notice | None) -> str:
    if said:
        return said.text
    if scene.mine and not scene.role and scene.mine.asked_role == "monitor":
        return "Nobody in the conference hears you then."
    if scene.mine is None and scene.current is not None and scene.current.bridged_stay:
        there = scene.current.conference_name
        return f"You leave {there} and your phone is called anew: Telnyx cannot bring you over from there."
    return ""


def steps_of(mine: Supervision | None, unsaid: Supervision | None) -> list[Step]:
    """The way into the conference: of a leg that is on it, or that did not get there."""
    if unsaid is not None:
        return _failed_steps(unsaid) if unsaid.state == State.FAILED else []
    if mine is None or mine.state == State.CONNECTED or mine.root != mine.pk:
        return []
    mine.accepted_at = mine.accepted_at or _accepted_at(mine)
    accepted = Step("done" if mine.accepted_at else "now", "Telnyx accepted", took=_took(mine))
    rung = mine.calling_at or mine.accepted_at
    calling = Step("now" if rung else "next", "Calling your phone", rung, RING)
    if mine.answered_at:
        calling = Step("done", "You answered", took=_rang(mine, mine.answered_at))
    joining = {
        "monitor": "You join, muted",
        "whisper": "You join, whispering",
        "barge": "You join, heard by everyone",
    }
    return [accepted, calling, Step("now" if mine.answered_at else "next", joining[mine.asked_role])]


def _accepted_at(mine: Supervision) -> datetime | None:
    """When Telnyx accepted the dial, by the log: that is written with the reply, and shown before the reply
    is projected. It is the step that people wait for."""
    return next((at for (at,) in _ACCEPTED.tuples(mine.subject, list(words.MODES))), None)


def _failed_steps(failed: Supervision) -> list[Step]:
    if not failed.accepted_at:
        return [Step("failed", "Telnyx did not accept", at=failed.ended_at)]
    return [
        Step("done", "Telnyx accepted", took=_took(failed)),
        Step("done", "Your phone was called", took=_rang(failed, failed.ended_at)),
        Step("failed", words.cause(failed.reason).capitalize(), at=failed.ended_at),
    ]


def _took(one: Supervision) -> str:
    """From the press until Telnyx had accepted it: `0.2 s`."""
    if one.accepted_at is None:
        return ""
    return f"{max((one.accepted_at - one.requested_at).total_seconds(), 0):.1f} s"


def _rang(one: Supervision, until: datetime | None) -> str:
    since = one.calling_at or one.accepted_at
    return f"{max((until - since).total_seconds(), 0):.0f} s" if since and until else ""


def bar_of(role: str, to: Sequence[str]) -> str:
    if role == "barge":
        return "everyone hears you"
    if role == "whisper" and to:
        return "only the agent hears you" if len(to) == 1 else "only the agents hear you"
    return "muted for everyone"


def _people(scene: _Scene, role: str, to: Sequence[str]) -> list[Hearer]:
    """Everybody else in the conference, agents first."""
    found = []
    for stay in scene.stays:
        leg = scene.about[stay.call_control_id]
        if scene.mine and stay.call_control_id == scene.mine.leg:
            continue
        held = bool(stay.on_hold)
        hears = not held and (role == "barge" or (role == "whisper" and stay.call_control_id in to))
        chosen = stay.call_control_id in to
        found.append(Hearer(stay.pk, leg.label, leg.short, leg.title, leg.kind, held, hears, chosen))
    return sorted(found, key=lambda one: one.kind != "agent")


def _others(scene: _Scene) -> str:
    others = _THERE.tuples(scene.conference.id, scene.user.pk)
    said = [f"{name} is {words.MARKS[role].lower()}" for name, role in others]
    return f"{words.several(said)}." if said else "No other supervisor is here."
