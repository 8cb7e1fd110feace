"""Who may do what: a pure table of role × action. Pages and commands ask it with the same verbs."""

from collections.abc import Iterable
from enum import StrEnum


class Action(StrEnum):
    SEE_FLOOR = "see floor"
    SEE_QUEUES = "see queues"
    SEE_HISTORY = "see the history of queues"
    SEE_NUMBERS = "see full numbers"
    MUTE = "mute"
    HOLD = "hold"
    REMOVE = "remove"
    RECORD = "record"
    END = "end"
    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    ANSWER_HANDS = "answer raised hands"
    PLAY = "play and speak"
    DIGITS = "send and ask for digits"
    MOVE = "move callers"
    CHANGE_PERSON = "change roles and what follows a leaving"
    MANAGE_QUEUES = "make, limit and delete queues"
    MANAGE_WALLBOARDS = "make and change wallboards"
    LISTEN_RECORDINGS = "listen to recordings"
    DELETE_RECORDINGS = "delete recordings"
    OWN_CALL = "act in their own call"
    RAISE_HAND = "raise a hand"
    SEE_ALL_TEAMS = "see all teams"
    ADMINISTER = "administer"


_SUPERVISOR = frozenset(
    {
        Action.SEE_FLOOR,
        Action.SEE_QUEUES,
        Action.SEE_HISTORY,
        Action.MUTE,
        Action.HOLD,
        Action.REMOVE,
        Action.RECORD,
        Action.END,
        Action.LISTEN,
        Action.WHISPER,
        Action.BARGE,
        Action.ANSWER_HANDS,
        Action.PLAY,
        Action.DIGITS,
        Action.MOVE,
        Action.CHANGE_PERSON,
        Action.MANAGE_QUEUES,
        Action.MANAGE_WALLBOARDS,
        Action.LISTEN_RECORDINGS,
    }
)

ALL_TEAMS = "all teams"

# The names of the groups that dashboard's migrations make. "all teams" alone lets nobody do anything.
ROLES: dict[str, frozenset[Action]] = {
    "agent": frozenset({Action.SEE_QUEUES, Action.OWN_CALL, Action.RAISE_HAND}),
    "supervisor": _SUPERVISOR,
    "admin": _SUPERVISOR
    | {Action.SEE_NUMBERS, Action.DELETE_RECORDINGS, Action.SEE_ALL_TEAMS, Action.ADMINISTER},
    ALL_TEAMS: frozenset({Action.SEE_ALL_TEAMS}),
}


def actions_of(roles: Iterable[str]) -> frozenset[Action]:
    """What somebody with these roles may do; an unknown role adds nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))
