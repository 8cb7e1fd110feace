"""What pages say of commands: open ones in place of their buttons, failed ones until they are dismissed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dashboard.models import Command
from dashboard.verbs import Verb
from telephony.refusals import advice_on
from telephony.statements import Select

_ON_PAGE = Select(
    Command,
    "subject IN {} AND (settled_at IS NULL OR (state IN {} AND dismissed_at IS NULL))",
    order="created_at DESC",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a row: shape + words + colour. With `since`, the browser writes the time into it.

    After `amber` / `red` seconds it turns; `over` is what it says then (`over 3:00`). `rank` orders marks of
    the same colour, lowest first. Kinds: hand, hold, muted, paused, quiet, alone, playing, speaking, recoff.
    """

    kind: str
    words: str
    since: datetime | None = None
    amber: int | None = None
    red: int | None = None
    rank: int = 9


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a story: when, an icon's name, and words."""

    at: datetime
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class Pending:
    """An open command, drawn in place of its button: `Muting`, or `Checking` while its outcome is unknown."""

    word: str
    since: datetime
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A failed or unknown command that stays on the screen until somebody dismisses it."""

    command: str
    title: str
    text: str
    unknown: bool = False


def commands_shown(subjects: Iterable[str]) -> list[Command]:
    """What is open, and what failed and nobody has put away yet."""
    failed = [Command.State.FAILED, Command.State.REFUSED, Command.State.UNKNOWN]
    wanted = list(subjects)
    return _ON_PAGE.rows(wanted, failed) if wanted else []


def pending(command: Command, verbs: Mapping[str, Verb]) -> Pending:
    unknown = command.state == Command.State.UNKNOWN
    return Pending(verbs[command.action].doing, command.created_at, unknown)


def refusal(command: Command, verbs: Mapping[str, Verb]) -> Refusal:
    noun = verbs[command.action].noun
    about = command.subject_name
    if command.legs:
        about = f"{command.target or 'everybody'} in {about}"
    if command.state == Command.State.UNKNOWN:
        text = f"{about}: Telnyx gave no answer. What is shown is what is known."
        return Refusal(str(command.pk), f"{noun}: not known whether it was done", text, unknown=True)
    tried = f" Tried {command.attempts} times." if command.attempts > 1 else ""
    text = f"{about}. Nothing was changed.{tried} {advice_on(command.reason)}".rstrip()
    return Refusal(str(command.pk), f"{noun} failed: {command.reason}", text)
