"""From rows to what a page shows, set-wise: a handful of queries for any number of calls."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils.dateparse import parse_datetime

from bridged_calls import transitions
from bridged_calls.models import BridgedCall, BridgedLeg
from bridged_calls.presentation import CallShown, Side, Supervisor
from bridged_calls.verbs import VERBS, subject
from dashboard import audible
from dashboard.legs import Leg, legs
from dashboard.limits import HOLD
from dashboard.models import Command
from dashboard.shown import Happening, Mark, commands_shown, pending, refusal
from telephony.models import Fact

KEY = "b-"  # before the number, where a conference has its id
_ENDS = {
    "hangup": "{who} hung up.",
    "conference": "{who} went into a conference.",
    "queue": "{who} was put into a queue.",
    "bridge": "{who} was connected with somebody else.",
}
_STORY = {
    "bridged": ("joined", "{who} was connected"),
    "held": ("hold", "{who} put the call on hold, on their own phone"),
    "resumed": ("resume", "{who} took the call off hold"),
    "gone": ("left", "{who} has hung up, as Telnyx said when asked"),
}


def shown(calls: Iterable[BridgedCall], *, full_numbers: bool) -> list[CallShown]:
    """These calls as rows show them, in the order given."""
    found = list(calls)
    sides = _sides(found)
    about = legs(
        {side.call_control_id for some in sides.values() for side in some}, full_numbers=full_numbers
    )
    commands = _commands(found)
    ears = {said["leg"] for call in found for said in call.supervisors}
    changes = audible.undecided(ears)
    return [_one(call, sides[call.pk], about, commands[subject(call.pk)], changes) for call in found]


def whole(call: BridgedCall, *, full_numbers: bool, lines: int) -> CallShown:
    """One call with what happened in it, the newest first."""
    (row,) = shown([call], full_numbers=full_numbers)
    return replace(row, happenings=_happenings(call, row, lines))


def name(call: BridgedCall) -> str:
    """What it is called: the last four digits of the caller, who has no conference to be named after."""
    (row,) = shown([call], full_numbers=False)
    return row.name


def key_of(call: BridgedCall) -> str:
    return f"{KEY}{call.pk}"


def _sides(calls: Sequence[BridgedCall]) -> dict[int, list[BridgedLeg]]:
    found: dict[int, list[BridgedLeg]] = defaultdict(list)
    for side in BridgedLeg.objects.filter(call__in=calls):
        if side.call_id:
            found[side.call_id].append(side)
    return found


def _commands(calls: Sequence[BridgedCall]) -> dict[str, list[Command]]:
    found: dict[str, list[Command]] = defaultdict(list)
    for command in commands_shown(subject(call.pk) for call in calls):
        found[command.subject].append(command)
    return found


def _one(
    call: BridgedCall,
    rows: Sequence[BridgedLeg],
    about: Mapping[str, Leg],
    commands: Sequence[Command],
    changes: Mapping[str, Sequence[Command]],
) -> CallShown:
    people = [_side(row, about[row.call_control_id], call) for row in rows]
    people.sort(key=lambda side: side.leg.kind != "agent")
    words = _name(people)
    return CallShown(
        pk=call.pk,
        key=key_of(call),
        version=call.version,
        name=words,
        queue=next(filter(None, (side.leg.queue_before(side.joined_at) for side in people)), ""),
        live=call.is_live,
        started_at=call.started_at,
        ended_at=call.ended_at,
        end_words=_end_words(call, about),
        people=people,
        guessed=call.paired_by == BridgedCall.Pairing.MOMENT,
        marks=_marks(people),
        supervisors=[_supervisor(said, changes) for said in call.supervisors] if call.is_live else [],
        pending={one.family: pending(one, VERBS) for one in commands if one.is_open},
        refusals=[refusal(one, VERBS) for one in commands if not one.is_open],
        search=_search(words, people),
    )


def _side(row: BridgedLeg, leg: Leg, call: BridgedCall) -> Side:
    return Side(row.pk, leg, row.bridged_at, row.held_at if call.is_live else None)


def _name(people: Sequence[Side]) -> str:
    caller = next((side.leg for side in people if side.leg.kind == "caller" and side.leg.number), None)
    if caller:
        return f"Call {caller.number.replace(' ', '')[-4:]}"
    agent = next((side.leg for side in people if side.leg.kind == "agent"), None)
    return f"Call of {agent.short}" if agent else "Call"


def _supervisor(said: Mapping[str, str | int], changes: Mapping[str, Sequence[Command]]) -> Supervisor:
    """With the widest role that is possible, while nobody knows what a change of it did."""
    label = str(said["name"])
    leg = Leg(
        str(said["leg"]), "supervisor", label, label, "Supervisor", "", None, False, user=int(said["user"])
    )
    since = parse_datetime(str(said["since"]))
    assert since is not None  # noqa: S101 - supervision wrote it
    role = audible.widest([str(said["role"]), *map(audible.wanted, changes[leg.call_control_id])])
    return Supervisor(leg, role, since)


def _end_words(call: BridgedCall, about: Mapping[str, Leg]) -> str:
    if call.ended_by not in about:
        return ""
    return _ENDS.get(call.end_because, "").format(who=about[call.ended_by].label)


def _marks(people: Sequence[Side]) -> list[Mark]:
    held = [side.held_at for side in people if side.held_at]
    return [Mark("hold", "Hold", min(held), *HOLD, rank=1)] if held else []


def _search(words: str, people: Sequence[Side]) -> str:
    """What the search box looks through: names, numbers as shown, the last four digits."""
    said = [words, *(f"{side.leg.label} {side.leg.number} {side.leg.number[-4:]}" for side in people)]
    return " ".join(said).lower()


def _happenings(call: BridgedCall, row: CallShown, lines: int) -> list[Happening]:
    labels = {side.leg.call_control_id: side.leg.label for side in row.people}
    about = Fact.objects.filter(subject__in=map(transitions.subject, labels), kind__in=_STORY)
    told = about.filter(at__gte=call.started_at)
    if call.ended_at:
        told = told.filter(at__lte=call.ended_at)
    found = [
        Happening(fact.at, icon, words.format(who=labels[fact.leg]))
        for fact in told.order_by("-at", "-rank", "-event")[:lines]
        for icon, words in [_STORY[fact.kind]]
    ]
    end = [Happening(call.ended_at, "end", f"Call ended. {row.end_words}".strip())] if call.ended_at else []
    return [*end, *found][:lines]
