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
        every = set(Agent.objects.values_list("pk", flat=True))
        days.renew(every)
        return {("agent", str(number)) for number in every}
