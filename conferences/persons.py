"""The people of a conference: all facts about one leg → its stays with a participant's fields. Pure.

Most facts belong to the newest stay that began before them. A command that brought somebody in was accepted
just before they joined, by another clock: what it set belongs to the stay that began then. Digits are told of
a call, not of a conference: they belong to the stay in which they were keyed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from conferences.occurrences import media
from telephony.facts import Dated, in_order, order
from telephony.stays import End, Stay, stays

ENTERS_WITHIN = timedelta(seconds=10)  # from the accepted command to the joining
CLOCKS_DIFFER = timedelta(seconds=5)  # between Telnyx's events and our commands
State = Mapping[str, Any]
Change = Callable[[State, Dated, datetime], dict[str, Any]]

# Telnyx's defaults at joining: not muted, not on hold. What is not known is null or empty.
_JOINED: State = {
    "participant_id": "",
    "label": "",
    "muted": False,
    "muted_at": None,
    "on_hold": False,
    "held_at": None,
    "hold_media": "",
    "supervisor_role": "",
    "role_at": None,
    "whisper_to": [],
    "end_on_exit": None,
    "soft_end_on_exit": None,
    "beep_enabled": "",
    "playing_since": None,
    "playing_media": "",
    "play_sent": {},
    "speaking_since": None,
    "speak_sent": {},
    "asked_at": None,
}


def people(
    facts: Iterable[Dated], hung_up_at: datetime | None, ended_at: datetime | None
) -> list[tuple[Stay, dict[str, Any]]]:
    """The stays of one leg in one conference, with the participant's fields.

    All facts about the leg there are given, and those about its call.
    """
    every = list(facts)
    entering = [fact for fact in every if fact.detail.get("entering")]
    keyed = [fact for fact in every if fact.kind == "keyed"]
    ends = [End(hung_up_at, "hangup")] if hung_up_at else []
    ends += [End(ended_at, "conference ended")] if ended_at else []
    found = stays(_without(every, entering), opens="joined", closes="left", ends=ends)
    return [
        (stay, person(stay, _entered(found, number, entering), _keyed_in(stay, keyed)))
        for number, stay in enumerate(found)
    ]


def _without(every: Sequence[Dated], entering: Sequence[Dated]) -> list[Dated]:
    """What is told of somebody who is there: no key that was pressed, no command to join."""
    return [fact for fact in every if fact not in entering and fact.kind not in {"keyed", "digit"}]


def _entered(found: Sequence[Stay], number: int, entering: Iterable[Dated]) -> list[Dated]:
    """What the command that began this stay set: the newest that began until soon after it, or the first."""

    def stay_of(fact: Dated) -> int:
        begun = [n for n, stay in enumerate(found) if stay.opened_at <= fact.at + ENTERS_WITHIN]
        return begun[-1] if begun else 0

    return [fact for fact in entering if stay_of(fact) == number]


def _keyed_in(stay: Stay, keyed: Iterable[Dated]) -> Dated | None:
    """The newest digits that were gathered in this stay."""
    inside = [fact for fact in keyed if is_within(fact, stay.opened_at, stay.closed_at)]
    return max(inside, key=order, default=None)


def is_within(keyed: Dated, since: datetime, until: datetime | None) -> bool:
    """Whether it was keyed in a stay. A hang-up ends the stay, and the gathering a moment later."""
    after = CLOCKS_DIFFER if keyed.detail.get("status") == "call_hangup" else timedelta(0)
    return since <= keyed.at and (until is None or keyed.at <= until + after)


def person(stay: Stay, entered: Iterable[Dated] = (), keyed: Dated | None = None) -> dict[str, Any]:
    """The fields of a participant."""
    state: dict[str, Any] = {
        **_JOINED,
        "opened_by": stay.opened_by,
        "joined_at": stay.opened_at,
        "left_at": stay.closed_at,
        "left_because": stay.because[:40],
        "status": _status(stay),
    }
    first = [(fact, max(fact.at, stay.opened_at)) for fact in in_order(entered)]
    for fact, at in [*first, *((fact, fact.at) for fact in stay.during)]:
        state |= _CHANGES.get(fact.kind, _nothing)(state, fact, at)
    return state | _gathered(state, keyed)


def _status(stay: Stay) -> str:
    """Only a read finds somebody who is joining still."""
    seated = any(fact.kind == "seated" for fact in stay.during)
    return "joining" if stay.opening.detail.get("joining") and not seated else "joined"


def _gathered(state: State, keyed: Dated | None) -> dict[str, Any]:
    if keyed is None:
        return {"keyed_at": None, "keyed_digits": "", "keyed_status": ""}
    asked_at = state["asked_at"]
    return {
        "keyed_at": keyed.at,
        "keyed_digits": str(keyed.detail.get("digits", ""))[:130],
        "keyed_status": str(keyed.detail.get("status", ""))[:40],
        "asked_at": asked_at if asked_at and asked_at > keyed.at + CLOCKS_DIFFER else None,
    }


def sent(fact: Dated) -> dict[str, str]:
    """A command to play or to speak, to be found again beside the sound that it started."""
    return {
        "what": str(fact.detail.get("what", "")),
        "by": str(fact.detail.get("by", "")),
        "at": fact.at.isoformat(),
    }


def _nothing(state: State, fact: Dated, at: datetime) -> dict[str, Any]:
    return {}


def _since(flag: str, field: str, on: bool) -> Change:
    """Turn a flag; its time is when it turned, so a repeated fact does not start the clock again."""

    def change(state: State, fact: Dated, at: datetime) -> dict[str, Any]:
        if state[flag] == on:
            return {}
        return {flag: on, field: at if on else None}

    return change


def _held(state: State, fact: Dated, at: datetime) -> dict[str, Any]:
    """Held anew with other music, the clock goes on; a read knows of no music."""
    what = {} if fact.source == "read" else {"hold_media": str(fact.detail.get("what", ""))[:500]}
    return what | _since("on_hold", "held_at", True)(state, fact, at)


def _resumed(state: State, fact: Dated, at: datetime) -> dict[str, Any]:
    return {"hold_media": ""} | _since("on_hold", "held_at", False)(state, fact, at)


def _role(state: State, fact: Dated, at: datetime) -> dict[str, Any]:
    """The clock goes on while only the people change to whom somebody whispers."""
    role = str(fact.detail.get("role", ""))[:10]
    since = state["role_at"] if state["supervisor_role"] == role else at
    return {"supervisor_role": role, "role_at": since, "whisper_to": fact.detail.get("whisper_to", [])}


def _described(state: State, fact: Dated, at: datetime) -> dict[str, Any]:
    told = {name: value for name, value in fact.detail.items() if name in _TOLD}
    return told | {name: str(told[name])[:length] for name, length in _LENGTHS.items() if name in told}


_LENGTHS = {"participant_id": 100, "label": 255, "beep_enabled": 10}
_TOLD = frozenset({*_LENGTHS, "end_on_exit", "soft_end_on_exit", "whisper_to"})
_CHANGES: Mapping[str, Change] = {
    "muted": _since("muted", "muted_at", True),
    "unmuted": _since("muted", "muted_at", False),
    "held": _held,
    "resumed": _resumed,
    "role": _role,
    "exits": _described,
    "described": _described,
    "playing": lambda state, fact, at: {"playing_since": at, "playing_media": media(fact.detail)},
    "played": lambda state, fact, at: {"playing_since": None, "playing_media": ""},
    "play_sent": lambda state, fact, at: {"play_sent": sent(fact)},
    "speaking": lambda state, fact, at: {"speaking_since": at},
    "spoken": lambda state, fact, at: {"speaking_since": None},
    "speak_sent": lambda state, fact, at: {"speak_sent": sent(fact)},
    "asked": lambda state, fact, at: {"asked_at": at},
}
