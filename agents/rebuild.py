"""The agents' part in making everything again: their days are made of calls and conferences."""

from collections.abc import Sequence

from agents import days
from dashboard.models import Agent
from telephony.events import Event
from telephony.projection import Change


class Agents:
    """Settles last: what agents are shown is derived of calls and conferences."""

    def clear(self) -> None:
        """Nothing to blank."""

    def take(self, events: Sequence[Event]) -> None:
        """Nothing to fold."""

    def settle(self) -> set[Change]:
        every = list(Agent.objects.all())
        days.renew(every)
        return {("agent", str(agent.pk)) for agent in every}
