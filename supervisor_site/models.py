"""How Earshot itself is: what each process tells of itself, and what was made of it for the health page."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Vital(models.Model):
    """One process and its last beat. `figures` are as `supervisor_site.heart` writes them."""

    process = models.CharField(primary_key=True, max_length=32)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)
    figures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"process {self.process[:8]}, beat {self.beat_at:%H:%M:%S}"


class HealthReport(models.Model):
    """What the health page shows, as it was judged at `measured_at`. One row.

    `parts`: fragment id → {"version", "shown"}. Pages are drawn from here and not from the figures, so that
    the same version is the same page, whoever draws it and whenever.
    """

    version = models.PositiveBigIntegerField(default=0)
    measured_at = models.DateTimeField(null=True)
    parts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    def __str__(self) -> str:
        return f"health, version {self.version}"
