"""Who heard a supervisor, against what they had pressed: pure.

Who may hear a supervisor's leg at a moment is told by their commands. One counts from its press on: as long
as nobody knows what it did, and after it was accepted until a later one was; no more once it was refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Json = Mapping[str, Any]

EVERYBODY = frozenset({"*"})
# The simulator dates what it does, Earshot when it has read the answer; both by this machine's clock.
CLOCKS = timedelta(milliseconds=20)
_NEVER_DONE = {"refused", "failed"}
_DONE = {"accepted", "done"}
_ON_PEOPLE = ("mute", "unmute", "hold", "unhold")


@dataclass(frozen=True, slots=True)
class Wish:
    """One command of a supervisor on their leg: pressed, and what came of it when (`settled` None: open)."""

    leg: str
    pressed: datetime
    settled: datetime | None
    state: str
    hearers: frozenset[str]


def hearers(options: Json) -> frozenset[str]:
    """Whom a role lets hear the leg."""
    role = options.get("supervisor_role")
    if role == "whisper":
        return frozenset(options.get("whisper_call_control_ids", []))
    return EVERYBODY if role == "barge" else frozenset()


def allowed(wishes: Iterable[Wish], at: datetime) -> frozenset[str]:
    """Everybody who may hear the leg at that moment."""
    known = sorted((wish for wish in wishes if wish.pressed <= at), key=lambda wish: wish.pressed)
    done = [n for n, wish in enumerate(known) if wish.state in _DONE and wish.settled and wish.settled <= at]
    counted = known[done[-1] :] if done else known
    maybe = [
        wish for wish in counted if not (wish.state in _NEVER_DONE and wish.settled and wish.settled <= at)
    ]
    return frozenset().union(*(wish.hearers for wish in maybe))


def overheard(changes: Sequence[Json], wishes: Mapping[str, Sequence[Wish]]) -> Iterator[str]:
    """Each stretch in which somebody heard a supervising leg who was not to. `changes`: the simulator's log
    of who hears whom; `wishes` by leg."""
    for leg, mine in wishes.items():
        for listener, since, until in _stretches(changes, leg):
            for moment in _moments(mine, since, until):
                if not {listener, "*"} & allowed(mine, moment):
                    yield f"{listener} heard {leg} at {moment.isoformat()}"
                    break


def _stretches(changes: Sequence[Json], leg: str) -> Iterator[tuple[str, datetime, datetime | None]]:
    """(listener, since, until) for everybody who heard the leg; until None: to the end."""
    hearing: dict[tuple[str, str], datetime] = {}
    for change in changes:
        place = (str(change["conference_id"]), str(change["call_control_id"]))
        at = moment_of(change["at"])
        if leg in change["hears"]:
            hearing.setdefault(place, at)
        elif place in hearing:
            yield place[1], hearing.pop(place), at
    for (_, listener), since in hearing.items():
        yield listener, since, None


def _moments(wishes: Iterable[Wish], since: datetime, until: datetime | None) -> Iterator[datetime]:
    """When it has to be asked: at the beginning, and each time that fewer may hear."""
    yield since + CLOCKS if until is None else min(since + CLOCKS, until)
    for wish in wishes:
        if wish.settled and since < (moment := wish.settled + CLOCKS) and (until is None or moment < until):
            yield moment


def touched(requests: Iterable[Json], legs: set[str]) -> Iterator[str]:
    """Each mute or hold that named a supervising leg, or nobody at all, which is everybody to Telnyx."""
    for request in requests:
        verb = str(request["path"]).rpartition("/")[2]
        if "/conferences/" not in request["path"] or verb not in _ON_PEOPLE:
            continue
        named = (request["body"] or {}).get("call_control_ids") or []
        if not named or legs & set(named):
            yield f"{verb} of {named or 'everybody'} at {request['at']}"


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
