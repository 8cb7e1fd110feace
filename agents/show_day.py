"""An agent's day as pages show it."""

from datetime import timedelta

from agents.day import Doing
from agents.models import Seat
from agents.presentation import Figures, Spent
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
