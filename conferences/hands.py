"""Raised hands: an agent asks for a supervisor. Each act is an entry of the command log.

Whether a hand is still up is asked of its agent's stay, so that it is lowered by itself when the agent leaves
or the conference ends, whatever order the events of that come in.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone

from conferences.commands import bump, visible
from conferences.models import Hand, Participant
from conferences.transitions import subject
from dashboard import commands
from dashboard.commands import Refused
from dashboard.models import Command, User
from dashboard.roles import Action

RAISE, SEE, COME, LOWER = "raise-hand", "see-hand", "come-to-hand", "lower-hand"
LONGEST = 120  # letters of one's own words


def raise_hand(user: User, stay: Participant, reason: str, words: str, sent_to: int) -> None:
    """Raise a hand for a stay of one's own. Told to nobody (`sent_to` 0), it is only written down.

    A hand that is up already stays as it is. Raises `Refused`.
    """
    commands.require(user, Action.RAISE_HAND)
    if reason not in Hand.Reason.values:
        raise Refused(400, "Say why.", "Choose a reason. Your hand was not raised.")
    if len(words) > LONGEST:
        raise Refused(400, "Say it in fewer words.", f"At most {LONGEST} letters. Your hand was not raised.")
    hand = Hand(
        conference=stay.conference,
        stay=stay,
        user=user,
        user_name=str(user),
        reason=reason,
        words=words,
        raised_at=timezone.now(),
        sent_to=sent_to,
    )
    try:
        with transaction.atomic():
            bump(subject(stay.conference_id))
            hand.save()
            _log(hand, user, RAISE)
    except IntegrityError:
        return  # a double click, or another tab


def lower_own(user: User, stay: Participant) -> None:
    """Lower the hand that one raised oneself. Raises `Refused`."""
    commands.require(user, Action.RAISE_HAND)
    _lower(user, Hand.objects.up().filter(stay=stay, user=user).first())


def lower(user: User, conference_id: str, pk: int) -> None:
    """A supervisor puts a hand away. Raises `Refused`."""
    _lower(user, _of(user, conference_id, pk))


def _lower(user: User, hand: Hand | None) -> None:
    if hand:
        _write(hand, user, LOWER, lowered_at=timezone.now(), lowered_by_name=str(user))


def see(user: User, conference_id: str, pk: int) -> None:
    """A supervisor has it on the screen: the first one is named. Raises `Refused`."""
    hand = _of(user, conference_id, pk)
    if hand and hand.seen_at is None:
        _write(hand, user, SEE, **_seen(user))


def come(user: User, conference_id: str, pk: int) -> None:
    """A supervisor says that they come. Somebody else who does so later takes over. Raises `Refused`."""
    hand = _of(user, conference_id, pk)
    if hand is None:
        raise Refused(409, "This hand is not raised any more.", "Nobody waits for you there.")
    seen = {} if hand.seen_at else _seen(user)
    if hand.coming_id != user.pk:
        _write(hand, user, COME, coming=user, coming_name=str(user), coming_at=timezone.now(), **seen)


def _seen(user: User) -> dict[str, object]:
    return {"seen_by": user, "seen_by_name": str(user), "seen_at": timezone.now()}


def _of(user: User, conference_id: str, pk: int) -> Hand | None:
    """A hand that is up, found through what this person may see; the right is required first."""
    commands.require(user, Action.ANSWER_HANDS)
    conference = visible(user).filter(pk=conference_id).first()
    if conference is None:
        raise Refused(404, "There is no such conference.", "It may have been ended long ago.")
    return Hand.objects.up().filter(conference=conference, pk=pk).first()


def _write(hand: Hand, user: User, action: str, **fields: object) -> None:
    """Write what one person did, once: who comes second finds it done."""
    with transaction.atomic():
        bump(subject(hand.conference_id))
        same = Hand.objects.up().filter(pk=hand.pk)
        if action == SEE:
            same = same.filter(seen_at=None)
        if same.update(**fields):
            _log(hand, user, action)


def _log(hand: Hand, user: User, action: str) -> Command:
    """Without the own words, which are forgotten with the conference."""
    own = action == RAISE or user.pk == hand.user_id
    about = hand.get_reason_display() if own else hand.user_name
    right = Action.RAISE_HAND if own else Action.ANSWER_HANDS
    entry = commands.settled(
        user,
        action,
        "hand",
        subject(hand.conference_id),
        str(hand.conference),
        permission=right.value,
        target=about,
        detail={"sent_to": hand.sent_to},
    )
    if hand.sent_to == 0:
        entry.state, entry.reason = Command.State.REFUSED, "no supervisor was signed in"
        entry.dismissed_at = entry.settled_at  # the panel says it
    entry.save()
    return entry
