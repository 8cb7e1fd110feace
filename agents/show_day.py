"""An agent's day as pages show it."""

from datetime import timedelta

from agents import days
from agents.day import Doing
from agents.models import Seat
from agents.presentation import Figures, Spent
from agents.strip import Strip, strip
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


def by_hour(agent: Agent) -> Strip | None:
    """The day of the figures, drawn by the hour."""
    seat: Seat | None = getattr(agent, "seat", None)
    start = seat.day_from if seat else None
    return strip(days.of([agent], start)[agent.pk], start, days.following(start)) if start else None
