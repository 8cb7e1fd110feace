"""From rows to the list on the page of one's own phones, with the newest test call."""

from dashboard.legs import spaced
from dashboard.models import User
from supervision import preflight, show_own, words
from supervision.desk import RING
from supervision.models import Phone, PhoneTest, Supervision
from supervision.presentation import OwnLine, Phones, Step, Trial
from telephony import status

State = PhoneTest.State
_TONES = {State.WORKED: "good", State.ANSWERED: "good", State.FAILED: "bad"}


def version_of(user_id: int) -> int:
    """Both parts only grow."""
    return show_own.version_of(user_id) + status.current().version


def phones(user: User) -> Phones:
    """Where they are called, and what stands against a test call."""
    version = version_of(user.pk)  # before the rest is read: what comes meanwhile is a newer version
    current = Supervision.objects.current(user)
    test = PhoneTest.objects.filter(user=user).first()
    lines = [_line(phone, test) for phone in Phone.objects.filter(user=user)]
    return Phones(
        user=user.pk,
        version=version,
        lines=lines,
        busy=test is not None and test.state in PhoneTest.LIVE,
        problem=_problem(user, current),
        connected=_connected(user, current),
    )


def _line(phone: Phone, test: PhoneTest | None) -> OwnLine:
    mine = test if test and test.phone == phone.address else None
    return OwnLine(phone.pk, spaced(phone.address), phone.active, _trial(mine) if mine else None)


def _problem(user: User, current: Supervision | None) -> str:
    """Why no phone of theirs can be tested now."""
    if current is not None:
        return f"Your phone is in use for {current.conference_name}. Leave first."
    phone = Phone.objects.filter(user=user).first()
    problem = preflight.ready() if phone else None
    return f"{problem.title} {problem.text}" if problem else ""


def _connected(user: User, current: Supervision | None) -> str:
    """A call goes on though its phone is another than the one in use now."""
    if current is None or Phone.objects.filter(user=user, active=True, address=current.phone).exists():
        return ""
    if current.state == Supervision.State.CONNECTED:
        return f"You are connected on {spaced(current.phone)} until you leave {current.conference_name}."
    return f"{spaced(current.phone)} is being called for {current.conference_name}."


def _trial(test: PhoneTest) -> Trial:
    number = spaced(test.phone)
    said = {
        State.REQUESTED: ("Calling your phone.", "Telnyx has not accepted it yet."),
        State.CALLING: (f"Answer {number}.", "This is a test call. Earshot hangs up by itself."),
        State.ANSWERED: ("Your phone works.", "You answered. Earshot hangs up in some seconds."),
        State.WORKED: ("Your phone works.", ""),
        State.CANCELLED: ("You cancelled the test call.", ""),
        State.FAILED: (_failure(test.reason), ""),
    }[State(test.state)]
    return Trial(
        said=said[0],
        note=said[1],
        tone=_TONES.get(State(test.state), ""),
        live=test.state in PhoneTest.LIVE,
        at=test.answered_at or test.ended_at,
        steps=_steps(test) if test.state in PhoneTest.LIVE else (),
    )


def _failure(reason: str) -> str:
    return "You may not listen in any more." if reason == "right lost" else words.failure(reason)


def _steps(test: PhoneTest) -> list[Step]:
    rung = test.calling_at or test.accepted_at
    calling = Step("now" if rung else "next", "Calling your phone", rung, RING)
    return [
        Step("done" if test.accepted_at else "now", "Telnyx accepted"),
        Step("done", "You answered") if test.answered_at else calling,
    ]
