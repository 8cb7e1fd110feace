"""What an agent can do in their own call. Everything is found through their own leg, never another's."""

from collections.abc import Mapping

from django.http import QueryDict

from agents import own, reach
from conferences import commands as of_conferences
from conferences import hands
from conferences.models import Participant
from dashboard import commands
from dashboard.commands import Refused
from dashboard.legs import legs
from dashboard.models import User
from dashboard.roles import Action

# The button → the command. Telnyx's `leave` would park the leg: to leave is to hang up.
ON_ONESELF: Mapping[str, str] = {"mute": "mute", "unmute": "unmute", "leave": "remove"}
ON_CALLER: Mapping[str, str] = {"hold": "hold", "resume": "resume", "digits": "digits", "enqueue": "enqueue"}
ON_RECORDING: Mapping[str, str] = {"pause": "pause", "resume-recording": "resume-recording"}


def on_call(user: User, conference_id: str, button: str, posted: QueryDict) -> None:
    """A button about oneself, or about the recording of one's own call. Raises `Refused`."""
    commands.require(user, Action.OWN_CALL)
    stay = _own(user, conference_id)
    if button in ON_ONESELF:
        of_conferences.on_own(user, stay.conference, ON_ONESELF[button], posted, stay)
    else:
        of_conferences.on_own(user, stay.conference, ON_RECORDING[button], posted)


def on_caller(user: User, conference_id: str, pk: int, button: str, posted: QueryDict) -> None:
    """A button about a caller in one's own call. Raises `Refused`."""
    commands.require(user, Action.OWN_CALL)
    stay = _own(user, conference_id)
    person = stay.conference.participants.filter(pk=pk, left_at=None).first()
    if person is None:
        raise Refused(409, "The caller has left.", "Nothing was sent.")
    if legs([person.call_control_id], full_numbers=False)[person.call_control_id].kind == "agent":
        raise Refused(403, "This is not a caller.", "You may act on yourself and on callers only.")
    of_conferences.on_own(user, stay.conference, ON_CALLER[button], posted, person)


def raise_hand(user: User, conference_id: str, posted: QueryDict) -> None:
    """Ask for a supervisor. Raises `Refused`."""
    commands.require(user, Action.RAISE_HAND)
    stay = _own(user, conference_id)
    reason, words = str(posted.get("reason", "")), " ".join(posted.get("words", "").split())
    hands.raise_hand(user, stay, reason, words, reach.supervisors(stay.conference))


def lower_hand(user: User, conference_id: str) -> None:
    hands.lower_own(user, _own(user, conference_id))


def _own(user: User, conference_id: str) -> Participant:
    """One's own stay in this conference."""
    agent = own.entry(user)
    found = own.stays(agent) if agent else []
    stay = next((stay for stay in found if stay.conference_id == conference_id), None)
    if stay is None:
        raise Refused(404, "You are not in this call any more.", "Nothing was sent.")
    return stay
