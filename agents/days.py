"""The figures of agents' days, kept in their seats: made again of their stays with each change of one, and by
the worker at midnight.

Nothing is ever added to them, so no order and no repetition of events can make a wrong sum.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from agents import holds, own, places
from agents.day import Day, Doing, Stay, day
from agents.models import Seat
from dashboard.models import Agent
from queues.windows import midnight
from telephony import rows
from telephony.projection import Change
from telephony.rebuild import in_batches
from telephony.statements import Select

AT_ONCE = 50  # agents whose legs of a day are named in one statement
_MILLISECOND = timedelta(milliseconds=1)
_SEATS = Select(Seat, "agent_id IN {}", order="agent_id", lock="")


def following(start: datetime) -> datetime:
    """The midnight after that one: 23, 24 or 25 hours later."""
    return midnight(start + timedelta(hours=36))


def renew(agents: Iterable[Agent], *, moved: bool = True) -> None:
    """Make what is shown of these agents new, within the caller's transaction, in key order. Unless any of
    their legs has `moved` their day stays what it is."""
    start = midnight(timezone.now())
    by_key = {agent.pk: agent for agent in agents}
    for some in in_batches(sorted(by_key), AT_ONCE):
        # Locked first: what another process has projected of their legs until then is read.
        seats = _seats(some)
        other = [seat for seat in seats if moved or seat.day_from is None]
        found = of([by_key[seat.agent_id] for seat in other], start) if other else {}
        for seat in seats:
            seat.version += 1
        for seat in other:
            _write(seat, found[seat.agent_id], start)
        rows.write(Seat, seats)


def _seats(agent_ids: Sequence[int]) -> list[Seat]:
    """Theirs, locked, made if missing."""
    found = _SEATS.rows(agent_ids)
    missing = set(agent_ids) - {seat.agent_id for seat in found}
    if not missing:
        return found
    rows.insert(Seat, [Seat(agent_id=pk) for pk in sorted(missing)], known=True)
    return _SEATS.rows(agent_ids)


def _write(seat: Seat, found: Day, start: datetime) -> None:
    seat.day_from, seat.calls = start, found.calls
    seat.talk, seat.hold, seat.after_call = (found.spent(doing) // _MILLISECOND for doing in Doing)
    running = found.running
    seat.doing, seat.doing_since = (running.doing.value, running.since) if running else ("", None)


def tick() -> set[Change]:
    """Begin a new day for everybody whose day is over. Returns what changed, for the poke after it."""
    over = Q(day_from=None) | Q(day_from__lt=midnight(timezone.now()))
    moved = list(Seat.objects.filter(over).order_by("pk").values_list("pk", flat=True))
    for some in in_batches(moved, AT_ONCE):
        with transaction.atomic():
            renew(Agent.objects.filter(pk__in=some))
    return {("agent", str(number)) for number in moved}


# --- from rows to days ---------------------------------------------------------------------------------
def of(agents: Iterable[Agent], start: datetime) -> dict[int, Day]:
    """The day that began at that midnight, of each of these agents."""
    every = list(agents)
    stays, end = stays_of(every, start), following(start)
    return {agent.pk: day(stays[agent.pk], start, end) for agent in every}


def stays_of(agents: Iterable[Agent], start: datetime) -> Mapping[int, list[Stay]]:
    """Where the legs of each agent were that were up on the day that began then."""
    own_legs = own.legs_since(agents, start)
    # One that began over a day before and goes on has lost its end.
    every = places.of(own_legs, [leg for leg, one in own_legs.items() if one.bridged])
    there = [one for one in every if one.left_at or one.since >= start - own.LONGEST_CALL]
    held = holds.of(there)
    found: dict[int, list[Stay]] = defaultdict(list)
    for one in there:
        leg = own_legs[one.leg]
        found[leg.owner].append(Stay(one.leg, one.name, one.since, one.left_at, leg.ended_at, held[one]))
    return found
