"""What an agent is told of who supervises their call, by the policy of their team. Pure.

Who listens is told with the name, without it, or not at all. Who can be heard is always told, with the name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from supervision.words import several

NAMED, PLAIN, NOTHING = "named", "plain", "nothing"
_PROMISE = "A whisper reaches only whom it is meant for, a barge everyone. This line says which."


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Somebody who supervises: `role` as far as they may be heard, `to` whom they whisper to by name."""

    name: str
    role: str
    since: datetime
    to: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """One line: `tone` is the role that colours it. The time since then follows the words."""

    tone: str
    words: str
    since: datetime
    note: str


def signs(supervisors: Iterable[Supervisor], policy: str, me: str) -> list[Sign]:
    """The lines for the agent of this name, who can be heard first."""
    every = sorted(supervisors, key=lambda one: one.since)
    heard = [_heard(one, me) for one in every if one.role in {"whisper", "barge"}]
    listening = [one for one in every if one.role not in {"whisper", "barge"}]
    return [*heard, *_listening(listening, policy)]


def _heard(one: Supervisor, me: str) -> Sign:
    if one.role == "barge":
        return Sign("barge", f"{one.name} has barged in", one.since, f"Everyone hears {one.name}.")
    if not one.to:
        note = "Only whom it is meant for hears it."
    elif me not in one.to:
        note = f"Only {several(one.to)} {'hears' if len(one.to) == 1 else 'hear'} it."
    else:
        others = [name for name in one.to if name != me]
        note = f"Only you and {several(others)} hear it." if others else "Only you hear it."
    return Sign("whisper", f"{one.name} whispers", one.since, note)


def _listening(those: Sequence[Supervisor], policy: str) -> list[Sign]:
    if not those or policy == NOTHING:
        return []
    if policy == NAMED:
        return [
            Sign(
                "monitor",
                f"Supervised: {one.name} is listening",
                one.since,
                f"The caller and you do not hear {one.name}. {_PROMISE}",
            )
            for one in those
        ]
    return [Sign("monitor", "Supervised", those[0].since, f"The caller and you hear nobody else. {_PROMISE}")]
