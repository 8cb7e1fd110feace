"""From rows to what one supervisor sees of their own phone: the top bar's cell, and what ended unasked."""

from collections.abc import Sequence

import bridged_calls.commands
import bridged_calls.show
from conferences.commands import visible
from dashboard import audible
from dashboard.audible import FAMILY
from dashboard.commands import open_of
from dashboard.legs import legs, spaced
from dashboard.models import Command, User
from supervision import bridged, preflight, words
from supervision.models import Ear, Phone, PhoneTest, Supervision
from supervision.presentation import Notice, OwnPhone, Segment
from telephony.statements import Select

WORDS = {"listen": "Listen", "whisper": "Whisper", "barge": "Barge"}
ICONS = {"listen": "supervisor", "whisper": "whisper", "barge": "barge"}
State = Supervision.State

_VERSION = Select(Ear, "user_id = %s", "version")


def version_of(user_id: int) -> int:
    found = _VERSION.tuples(user_id)
    return int(found[0][0]) if found else 0


def own_phone(user: User) -> OwnPhone:
    """The own-phone cell."""
    version = version_of(user.pk)  # before the rest: what comes meanwhile is a newer version
    current = Supervision.objects.current(user)
    if current is None:
        test = PhoneTest.objects.current(user)
        return _tested(user, test, version) if test else _at_rest(user, version)
    return _supervising(user, current, version)


def _supervising(user: User, current: Supervision, version: int) -> OwnPhone:
    if current.state != State.CONNECTED:
        return _called(user, current, version)
    waiting, undecided = open_commands(current), undecided_of(current)
    role = widest(current, undecided)
    return OwnPhone(
        user=user.pk,
        version=version,
        phone=spaced(current.phone),
        state=role,
        doing=words.DOING[role],
        conference_id=key_of(current),
        conference=current.conference_name,
        pending=next((command.action for command in waiting), ""),
        line=_heard_by(current, role, undecided),
        since=current.role_at,
        segments=[_segment(mode, user, current, waiting) for mode in words.MODES],
    )


def key_of(current: Supervision) -> str:
    """The key of its row on the floor."""
    call = bridged.call_of(current)
    return bridged_calls.show.key_of(call) if call else current.conference_id


def _at_rest(user: User, version: int) -> OwnPhone:
    phone = Phone.objects.filter(user=user, active=True).first()
    unsaid = unsaid_of(user)
    return OwnPhone(
        user=user.pk,
        version=version,
        phone=spaced(phone.address) if phone else "",
        state="ready" if phone else "unset",
        notice=notice(unsaid) if unsaid else None,
    )


def _called(user: User, current: Supervision, version: int) -> OwnPhone:
    return OwnPhone(
        user=user.pk,
        version=version,
        phone=spaced(current.phone),
        state="calling",
        doing="Calling",
        conference_id=key_of(current),
        conference=current.conference_name,
        pending=next((command.action for command in open_commands(current)), ""),
        line=f"Answer {spaced(current.phone)}.",
    )


def _tested(user: User, test: PhoneTest, version: int) -> OwnPhone:
    answered = test.state == PhoneTest.State.ANSWERED
    ending = Command.objects.filter(subject=test.subject, action="end-test", settled_at=None).exists()
    return OwnPhone(
        user=user.pk,
        version=version,
        phone=spaced(test.phone),
        state="calling",
        doing="Test call" if answered else "Calling",
        pending="leave" if ending else "",
        line="Your phone works." if answered else f"Answer {spaced(test.phone)}. This is a test call.",
    )


def _heard_by(current: Supervision, role: str, undecided: Sequence[Command]) -> str:
    """`Only Priya Nair hears you`: the mode is said beside it."""
    to = whispered(current, undecided)
    about = legs(to, full_numbers=False)
    said = words.heard(role, [about[leg].label for leg in to]).partition(": ")[2]
    return said[:1].upper() + said[1:].rstrip(".")


def _segment(mode: str, user: User, current: Supervision, waiting: Sequence[Command]) -> Segment:
    """One of the phone's dock; whether an agent is there is said after the press."""
    sent = next((command for command in waiting if command.action in {mode, f"to-{mode}"}), None)
    problem = preflight.right(mode, user.actions)
    if mode == "whisper" and current.bridged_stay:
        problem = problem or preflight.NO_WHISPER
    return Segment(
        mode=mode,
        word=WORDS[mode],
        key=WORDS[mode][0],
        icon=ICONS[mode],
        pressed=current.role == words.MODES[mode],
        sent=sent is not None,
        unknown=sent is not None and sent.state == Command.State.UNKNOWN,
        problem=problem.title if problem else "",
    )


# --- what is known of who hears it -------------------------------------------------------------------------
def open_commands(supervision: Supervision) -> list[Command]:
    return open_of(supervision.subject, FAMILY)


def undecided_of(supervision: Supervision) -> Sequence[Command]:
    """Its changes of role of which nobody knows what they did."""
    return audible.undecided([supervision.leg])[supervision.leg] if supervision.leg else ()


def widest(supervision: Supervision, undecided: Sequence[Command]) -> str:
    """While it is not known whether a change of role took effect, the widest audience that may hear."""
    return audible.widest([supervision.role, *map(audible.wanted, undecided)])


def whispered(supervision: Supervision, undecided: Sequence[Command]) -> list[str]:
    """The legs that a whisper may reach: those it was accepted for, and those it is being changed for."""
    wanted = list(supervision.whisper_to if supervision.role == "whisper" else [])
    for command in undecided:
        wanted += command.detail["options"].get("whisper_call_control_ids", [])
    return list(dict.fromkeys(wanted))


# --- what ended unasked ------------------------------------------------------------------------------------
def unsaid_of(user: User) -> Supervision | None:
    """The newest press, if it came to nothing or ended without their wanting it, and is not put away."""
    newest = Supervision.objects.filter(user=user).first()
    if newest is None or newest.dismissed_at:
        return None
    unwanted = newest.state == State.ENDED and newest.reason in words.UNWANTED
    return newest if newest.state == State.FAILED or unwanted else None


def notice(unsaid: Supervision) -> Notice:
    """What became of it, in words, and whether trying again is of use."""
    failed = unsaid.state == State.FAILED
    say = words.failure if failed else words.end
    return Notice(
        key=str(unsaid.pk),
        title=say(unsaid.reason, "call" if unsaid.bridged_stay else "conference"),
        text=f"You are not {'on' if unsaid.bridged_stay else 'in'} {unsaid.conference_name}"
        f"{'. Nobody was told.' if failed else ' any more.'}",
        failed=failed,
        again=_may_be_tried(unsaid),
    )


def _may_be_tried(unsaid: Supervision) -> bool:
    """The conference or call goes on, within what they may see and do. What else is in the way the press
    says."""
    if preflight.right(words.VERBS[unsaid.role], unsaid.user.actions):
        return False
    if call := bridged.call_of(unsaid):
        return bridged_calls.commands.visible(unsaid.user).live().filter(pk=call.pk).exists()
    found = visible(unsaid.user).filter(pk=unsaid.conference_id).first()
    return found is not None and found.is_live
