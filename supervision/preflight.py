"""What stands against a press, in words, before anything is sent. The button says the same."""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings

from dashboard.commands import Refused
from dashboard.roles import Action
from supervision.models import Phone, PhoneTest
from telephony import status

RIGHTS = {"listen": Action.LISTEN, "whisper": Action.WHISPER, "barge": Action.BARGE}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why not, and what to do about it."""

    title: str
    text: str
    status: int = 409


NO_WHISPER = Problem(
    "No whisper without a conference.",
    "Whisper needs a conference: on a single call Telnyx’s documents contradict each other on who hears it.",
)


def refuse(problem: Problem | None) -> None:
    """Raises `Refused` if there is one."""
    if problem:
        raise Refused(problem.status, problem.title, problem.text)


def right(mode: str, actions: Collection[Action]) -> Problem | None:
    if RIGHTS[mode] in actions:
        return None
    may = [name for name, action in RIGHTS.items() if action in actions]
    title = f"Your role may {' and '.join(may)}, not {mode}." if may else f"Your role may not {mode}."
    return Problem(title, "An admin gives roles.", 403)


def line(phone: Phone | None) -> Problem | None:
    """What a call to the supervisor's own phone needs."""
    if phone is None:
        return Problem(
            "Set your phone first.", "Listen, whisper and barge call your own phone. You have none set."
        )
    if PhoneTest.objects.live().filter(user=phone.user_id).exists():
        return Problem("Your phone is being tested.", "Wait some seconds, or cancel the test call.")
    return ready()


def ready() -> Problem | None:
    """What Earshot needs to call anybody."""
    if not settings.TELNYX_CONNECTION_ID:
        return Problem("Earshot cannot call your phone.", "An admin sets TELNYX_CONNECTION_ID first.")
    if not settings.TELNYX_FROM_NUMBER:
        return Problem(
            "Earshot cannot call your phone.", "An admin sets TELNYX_FROM_NUMBER, the caller id, first."
        )
    return telnyx()


def telnyx() -> Problem | None:
    if trouble := status.current().trouble:
        return Problem(f"{trouble}.", "Nothing was sent. Press again when it answers.", 503)
    return None


def agents(there: Collection[object]) -> Problem | None:
    if there:
        return None
    return Problem("No agent in the conference to whisper to.", "Listen, and whisper when an agent is there.")
