"""From rows to what one supervisor sees of themselves: the top bar's cell, and Supervise in a conference."""

from collections.abc import Sequence
from dataclasses import dataclass

from conferences import audible
from conferences.audible import FAMILY
from conferences.models import Conference, Participant
from dashboard.legs import Leg, legs, spaced
from dashboard.models import Command, User
from supervision import preflight, words
from supervision.commands import RING
from supervision.models import Ear, Phone, Supervision
from supervision.presentation import Hearer, OwnPhone, Panel, Segment, Step
from telephony import status

_WORDS = {"listen": "Listen", "whisper": "Whisper", "barge": "Barge"}
_ICONS = {"listen": "supervisor", "whisper": "whisper", "barge": "barge"}
_MOVING = "Bringing you over."
State = Supervision.State


def version_of(user_id: int) -> int:
    return Ear.objects.filter(pk=user_id).values_list("version", flat=True).first() or 0


def own_phone(user: User) -> OwnPhone:
    """The own-phone cell."""
    version, current = version_of(user.pk), Supervision.objects.current(user)
    if current is None:
        phone = Phone.objects.filter(user=user, active=True).first()
        words_ = spaced(phone.address) if phone else ""
        return OwnPhone(user.pk, version, words_, "ready" if phone else "unset")
    connected = current.state == State.CONNECTED
    waiting = _open(current)
    role = _widest(current, _undecided(current)) if connected else ""
    return OwnPhone(
        user=user.pk,
        version=version,
        phone=spaced(current.phone),
        state=role or "calling",
        doing=words.DOING.get(role, "Calling"),
        conference_id=current.conference_id,
        conference=current.conference_name,
        pending=next((command.action for command in waiting), ""),
        line=_heard_by(current, role) if role else f"Answer {spaced(current.phone)}.",
        since=current.role_at if connected else None,
        segments=[_own_segment(mode, user, current, waiting) for mode in words.MODES] if connected else (),
    )


def _heard_by(current: Supervision, role: str) -> str:
    """`Only Priya Nair hears you`: the mode is said beside it."""
    about = legs(current.whisper_to, full_numbers=False)
    said = words.heard(role, [about[leg].label for leg in current.whisper_to]).partition(": ")[2]
    return said[:1].upper() + said[1:].rstrip(".")


def _own_segment(mode: str, user: User, current: Supervision, waiting: Sequence[Command]) -> Segment:
    """The same three of the phone's dock; whether an agent is there is said after the press."""
    sent = next((command for command in waiting if command.action in {mode, f"to-{mode}"}), None)
    problem = preflight.right(mode, user.actions)
    return Segment(
        mode=mode,
        word=_WORDS[mode],
        key=_WORDS[mode][0],
        icon=_ICONS[mode],
        pressed=current.role == words.MODES[mode],
        sent=sent is not None,
        unknown=sent is not None and sent.state == Command.State.UNKNOWN,
        problem=problem.title if problem else "",
    )


def _open(supervision: Supervision) -> list[Command]:
    return list(Command.objects.filter(subject=supervision.subject, family=FAMILY, settled_at=None))


def _widest(supervision: Supervision, undecided: Sequence[Command]) -> str:
    """While it is not known whether a change of role took effect, the widest audience that may hear."""
    return audible.widest([supervision.role, *map(audible.wanted, undecided)])


def _undecided(supervision: Supervision) -> Sequence[Command]:
    return audible.undecided([supervision.leg])[supervision.leg] if supervision.leg else ()


# --- Supervise ---------------------------------------------------------------------------------------------
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
        return _widest(self.mine, self.undecided) if connected and self.mine else ""


def panel(user: User, conference: Conference) -> Panel:
    """Supervise, as this person sees it in this conference."""
    scene = _scene(user, conference)
    mine, role = scene.mine, scene.role
    to = _targets(scene, mine) if mine else []
    failed = None if mine else _failed(scene)
    problem = None if mine else _problem(scene)
    return Panel(
        user=user.pk,
        conference_id=conference.id,
        conference=str(conference),
        version=panel_version(user.pk, conference),
        live=conference.is_live,
        tone=role,
        segments=[_segment(mode, scene) for mode in words.MODES],
        line=_line(scene, to, failed, problem),
        note=_note(scene, failed),
        phone=spaced(mine.phone) if mine else "",
        since=mine.connected_at if mine else None,
        steps=_steps(mine, failed),
        failed=str(failed.pk) if failed else "",
        problem=problem.title if problem and not failed else "",
        problem_text=problem.text if problem else "",
        here=bool(role),
        calling=mine is not None and not role,
        bar=_bar(role, to),
        people=_people(scene, role, to) if role else (),
        others=_others(scene),
        reach=[one for one in _people(scene, role, to) if one.kind == "agent"] if role else (),
    )


def panel_version(user_id: int, conference: Conference) -> int:
    """All parts only grow, so their sum is a version."""
    return conference.version + version_of(user_id) + status.current().version


def _scene(user: User, conference: Conference) -> _Scene:
    stays = list(conference.participants.filter(left_at=None)) if conference.is_live else []
    current = Supervision.objects.current(user)
    named = {stay.call_control_id for stay in stays} | set(current.whisper_to if current else [])
    about = legs(named, full_numbers=False)
    waiting, undecided = (_open(current), _undecided(current)) if current else ([], ())
    return _Scene(user, conference, stays, about, current, waiting, undecided)


def _targets(scene: _Scene, mine: Supervision) -> list[str]:
    """Whom a whisper may reach now: whom it was accepted for, and whom it is being changed for."""
    wanted = set(mine.whisper_to if mine.role == "whisper" else [])
    for command in scene.undecided:
        wanted |= set(command.detail["options"].get("whisper_call_control_ids", []))
    return [stay.call_control_id for stay in scene.stays if stay.call_control_id in wanted]


def _segment(mode: str, scene: _Scene) -> Segment:
    role = words.MODES[mode]
    waiting = next((one for one in scene.waiting if one.action in {mode, f"to-{mode}"}), None)
    calling = scene.mine is not None and not scene.role
    on_the_way = calling and scene.mine is not None and scene.mine.asked_role == role
    return Segment(
        mode=mode,
        word=_WORDS[mode],
        key=_WORDS[mode][0],
        icon=_ICONS[mode],
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


def _failed(scene: _Scene) -> Supervision | None:
    """The newest press here, if it came to nothing and nobody has put that away."""
    newest = Supervision.objects.filter(user=scene.user).first()
    if newest is None or newest.conference_id != scene.conference.id or newest.dismissed_at:
        return None
    return newest if newest.state == State.FAILED else None


def _line(
    scene: _Scene, to: Sequence[str], failed: Supervision | None, problem: preflight.Problem | None
) -> str:
    mine = scene.mine
    if failed:
        return words.failure(failed.reason)
    if mine is None:
        return problem.title if problem else ""
    if not scene.role:
        return _calling_line(mine)
    left = _left(scene, mine, to)
    unsure = any(command.state == Command.State.UNKNOWN for command in scene.undecided)
    said = words.heard(scene.role, [scene.about[leg].label for leg in to])
    return f"{left}{said}{' Telnyx has not answered the last press.' if unsure else ''}"


def _calling_line(mine: Supervision) -> str:
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


def _note(scene: _Scene, failed: Supervision | None) -> str:
    if failed:
        return f"You are not in {failed.conference_name}. Nobody was told."
    if scene.mine and not scene.role and scene.mine.asked_role == "monitor":
        return "Nobody in the conference hears you then."
    return ""


def _steps(mine: Supervision | None, failed: Supervision | None) -> list[Step]:
    way = failed or mine
    if way is None or way.state == State.CONNECTED or (mine and mine.root != mine.pk):
        return []
    accepted = Step("done" if way.accepted_at else "failed" if failed else "now", "Telnyx accepted")
    rung = way.calling_at or way.accepted_at
    if failed:
        if not way.accepted_at:
            return [Step("failed", "Telnyx did not accept")]
        return [
            accepted,
            Step("done", "Your phone was called"),
            Step("failed", words.cause(way.reason).capitalize()),
        ]
    calling = Step("now" if rung else "next", "Calling your phone", rung, RING)
    if way.answered_at:
        calling = Step("done", "You answered")
    joining = {
        "monitor": "You join, muted",
        "whisper": "You join, whispering",
        "barge": "You join, heard by everyone",
    }
    return [accepted, calling, Step("now" if way.answered_at else "next", joining[way.asked_role])]


def _bar(role: str, to: Sequence[str]) -> str:
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
    others = Supervision.objects.filter(
        conference_id=scene.conference.id, state=State.CONNECTED, moved_at=None
    ).exclude(user=scene.user)
    said = [f"{one.user_name} is {words.MARKS[one.role].lower()}" for one in others]
    return f"{words.several(said)}." if said else "No other supervisor is here."
