"""An agent's day as pages show it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from agents import days
from agents.day import Doing
from agents.models import Seat
from agents.places import Place
from agents.presentation import Figures, Spent
from agents.strip import Strip, strip
from agents.supervised import ears, raisings
from dashboard.models import Agent


def figures(agent: Agent) -> Figures:
    """Of the agent's seat, which is read with them; who was never on a call has none."""
    seat: Seat = getattr(agent, "seat", None) or Seat(agent=agent)
    return Figures(
        calls=seat.calls,
        talk=_spent(seat, Doing.TALK, seat.talk),
        hold=_spent(seat, Doing.HOLD, seat.hold),
        after_call=_spent(seat, Doing.AFTER, seat.after_call),
    )


def _spent(seat: Seat, doing: Doing, milliseconds: int) -> Spent:
    over = timedelta(milliseconds=milliseconds)
    return Spent(over, seat.doing_since if seat.doing == doing else None)


def by_hour(agent: Agent, places: Sequence[Place]) -> Strip | None:
    """The day of the figures, drawn by the hour, with who supervised them and when their hand was up in these
    places of that day."""
    start = begun_at(agent)
    if start is None:
        return None
    day = days.of([agent], start)[agent.pk]
    return strip(day, start, days.following(start), ears(places), raisings(places))


def begun_at(agent: Agent) -> datetime | None:
    """When the day of the figures began; None: who was never on a call has none."""
    seat: Seat | None = getattr(agent, "seat", None)
    return seat.day_from if seat else None
