"""What agents are shown of themselves."""

from django.db import models
from django.db.models import F

from dashboard.models import Agent


class Seat(models.Model):
    """One agent's state: `version` grows with everything that may change it. The state itself is derived of
    their legs (`agents.states`)."""

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, primary_key=True, related_name="seat")
    version = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.agent_id)


def turn(agent_ids: set[int]) -> None:
    """Make what is shown of these agents new, within the caller's transaction, in key order."""
    for agent_id in sorted(agent_ids):
        if not Seat.objects.filter(pk=agent_id).update(version=F("version") + 1):
            Seat.objects.bulk_create([Seat(agent_id=agent_id, version=1)], ignore_conflicts=True)
