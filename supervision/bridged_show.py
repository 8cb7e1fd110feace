"""Supervise, as one supervisor sees it on a call of two bridged legs."""

from collections.abc import Sequence
from dataclasses import dataclass

import bridged_calls.show
from bridged_calls.models import BridgedCall
from bridged_calls.presentation import CallShown
from dashboard.legs import spaced
from dashboard.models import Command, User
from supervision import bridged, preflight, show, show_own, words
from supervision.models import Phone, Supervision
from supervision.presentation import Hearer, Notice, Panel, Segment
from telephony import status

State = Supervision.State


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the panel is made of. `mine`: the supervision of this call; `role`: as far as anybody may hear,
    "" while not on the call."""

    user: User
    call: CallShown
    current: Supervision | None
    mine: Supervision | None
    waiting: Sequence[Command]
    unsure: bool
    role: str
    unsaid: Supervision | None
    problem: preflight.Problem | None

    @property
    def said(self) -> Notice | None:
        return show_own.notice(self.unsaid) if self.unsaid else None


def panel(user: User, call: BridgedCall) -> Panel:
    """Supervise on this call."""
    scene = _scene(user, call)
    mine, problem = scene.mine, scene.problem
    return Panel(
        user=user.pk,
        conference_id=scene.call.key,
        conference=scene.call.name,
        version=panel_version(user.pk, call),
        live=call.is_live,
        tone=scene.role,
        segments=[_segment(mode, scene) for mode in words.MODES],
        line=_line(scene),
        note=_note(scene),
        phone=spaced(mine.phone) if mine else "",
        since=mine.connected_at if mine else None,
        steps=show.steps_of(mine, scene.unsaid),
        notice=scene.said,
        problem=problem.title if problem else "",
        problem_text=problem.text if problem else "",
        here=bool(scene.role),
        calling=mine is not None and not scene.role,
        bar=show.bar_of(scene.role, []),
        people=_people(scene) if scene.role else (),
        others=_others(scene, call),
    )


def panel_version(user_id: int, call: BridgedCall) -> int:
    """All parts only grow, so their sum is a version."""
    return call.version + show_own.version_of(user_id) + status.current().version


def _scene(user: User, call: BridgedCall) -> _Scene:
    (shown,) = bridged_calls.show.shown([call], full_numbers=False)
    current = Supervision.objects.current(user)
    mine = current if current and bridged.call_of(current) == call else None
    waiting, undecided = (show_own.open_commands(mine), show_own.undecided_of(mine)) if mine else ([], ())
    on_it = mine is not None and mine.state == State.CONNECTED
    return _Scene(
        user=user,
        call=shown,
        current=current,
        mine=mine,
        waiting=waiting,
        unsure=any(command.state == Command.State.UNKNOWN for command in undecided),
        role=show_own.widest(mine, undecided) if on_it and mine else "",
        unsaid=None if mine else _unsaid(user, call),
        problem=None if mine else _problem(user, shown, current),
    )


def _unsaid(user: User, call: BridgedCall) -> Supervision | None:
    """What ended here unasked, and is not put away."""
    unsaid = show_own.unsaid_of(user)
    return unsaid if unsaid and bridged.call_of(unsaid) == call else None


def _problem(user: User, call: CallShown, current: Supervision | None) -> preflight.Problem | None:
    """What stands against a first press here."""
    if not call.live:
        return preflight.Problem(f"{call.name} has ended.", "")
    if current is not None and current.state != State.CONNECTED:
        text = f"It is being called for {current.conference_name}."
        return preflight.Problem("Answer your phone first.", text)
    return preflight.line(Phone.objects.filter(user=user, active=True).first())


def _segment(mode: str, scene: _Scene) -> Segment:
    role, mine = words.MODES[mode], scene.mine
    waiting = next((one for one in scene.waiting if one.action in {mode, f"to-{mode}"}), None)
    on_the_way = mine is not None and not scene.role and mine.asked_role == role
    return Segment(
        mode=mode,
        word=show_own.WORDS[mode],
        key=show_own.WORDS[mode][0],
        icon=show_own.ICONS[mode],
        pressed=bool(scene.role) and mine is not None and mine.role == role,
        sent=on_the_way or waiting is not None,
        unknown=waiting is not None and waiting.state == Command.State.UNKNOWN,
        problem=_why_not(mode, scene),
    )


def _why_not(mode: str, scene: _Scene) -> str:
    if problem := preflight.right(mode, scene.user.actions):
        return problem.title
    if mode == "whisper":
        return preflight.NO_WHISPER.title
    if scene.mine is not None and not scene.role:
        return "Answer your phone first."
    return scene.problem.title if scene.problem else ""


def _line(scene: _Scene) -> str:
    if scene.said:
        return scene.said.title
    if scene.mine is None:
        return scene.problem.title if scene.problem else ""
    if not scene.role:
        return show.calling_line(scene.mine)
    unsure = " Telnyx has not answered the last press." if scene.unsure else ""
    return f"{words.heard(scene.role, [])}{unsure}"


def _note(scene: _Scene) -> str:
    if scene.said:
        return scene.said.text
    if scene.mine:
        listens = not scene.role and scene.mine.asked_role == "monitor"
        return "Nobody on the call hears you then." if listens else ""
    if scene.current is not None and not scene.problem:
        there = scene.current.conference_name
        return f"You leave {there} and your phone is called anew: Telnyx cannot bring you to a single call."
    return preflight.NO_WHISPER.text if scene.call.live and not scene.problem else ""


def _people(scene: _Scene) -> list[Hearer]:
    """The two, the agent first."""
    hears = scene.role == "barge"
    found = [
        Hearer(side.pk, side.leg.label, side.leg.short, side.leg.title, side.leg.kind, False, hears, False)
        for side in scene.call.people
    ]
    return sorted(found, key=lambda one: one.kind != "agent")


def _others(scene: _Scene, call: BridgedCall) -> str:
    others = Supervision.objects.filter(bridged.about(call), state=State.CONNECTED).exclude(user=scene.user)
    said = [f"{one.user_name} is {words.MARKS[one.role].lower()}" for one in others]
    return f"{words.several(said)}." if said else "No other supervisor is here."
