"""What agents are shown of themselves."""

from django.db import models

from agents.day import Doing
from dashboard.models import Agent

_DOING = [(doing.value, doing.value.capitalize()) for doing in Doing]


class Seat(models.Model):
    """One agent's state: `version` grows with everything that may change it. The state itself is derived of
    their legs (`agents.states`), the figures of their day, which began at `day_from`, are made again of their
    stays with each change (`agents.days`).

    `talk`, `hold` and `after_call` are what is over, in milliseconds; `doing` is which of them goes on, ""
    for none, since `doing_since` on this day.
    """

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, primary_key=True, related_name="seat")
    version = models.PositiveBigIntegerField(default=0)
    day_from = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0, db_default=0)
    talk = models.PositiveBigIntegerField(default=0, db_default=0)
    hold = models.PositiveBigIntegerField(default=0, db_default=0)
    after_call = models.PositiveBigIntegerField(default=0, db_default=0)
    doing = models.CharField(max_length=10, choices=_DOING, blank=True, default="", db_default="")
    doing_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.agent_id)
