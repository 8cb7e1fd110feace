"""Wallboards: what hangs on the wall, in which order, and how it looks. The figures are the queues' own."""

from typing import ClassVar

from django.db import models
from django.db.models import F
from django.urls import reverse

from dashboard.scope import Scope
from queues.models import Queue
from wallboards.devices_models import Device as Device  # Django looks for models here


class Wallboards(models.QuerySet["Wallboard"]):
    def within(self, scope: Scope) -> "Wallboards":
        """The wallboards that have a queue of these teams."""
        if scope is None:
            return self
        return self.filter(
            pk__in=Row.objects.filter(queue__in=Queue.objects.within(scope)).values("wallboard")
        )

    def wholly_within(self, scope: Scope) -> "Wallboards":
        """Those of which these teams see every queue: whoever changes one must see what they change."""
        if scope is None:
            return self
        others = Row.objects.exclude(queue__in=Queue.objects.within(scope))
        return self.within(scope).exclude(pk__in=others.values("wallboard"))


class Wallboard(models.Model):
    """One wallboard. `metrics` are keys of `wallboards.metrics.METRICS`, in order; `shows_callers` is for one
    queue, large: who comes next, by the last four digits.

    `version` plus the versions of its queues is that of what it shows: see `wallboards.commands`.
    `screens_version` is that of the list of its screens.
    """

    class Layout(models.TextChoices):
        LARGE = "large", "One queue, large"
        ROWS = "rows", "Queues in rows"

    class Theme(models.TextChoices):
        DARK = "dark", "Dark"
        LIGHT = "light", "Light"
        HOUR = "hour", "By the hour"

    name = models.CharField(max_length=60, unique=True)
    layout = models.CharField("shown as", max_length=10, choices=Layout.choices, default=Layout.ROWS)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.DARK)
    shows_callers = models.BooleanField("shows who is next, by the last 4 digits", default=False)
    metrics = models.JSONField(default=list)
    version = models.PositiveBigIntegerField(default=1)
    screens_version = models.PositiveBigIntegerField(default=1, db_default=1)

    objects = Wallboards.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("wallboard", args=[self.pk])

    @property
    def queues(self) -> list[Queue]:
        """Its queues, in the order of the wall."""
        return [row.queue for row in self.rows.select_related("queue")]


class Row(models.Model):
    """One queue on one wallboard."""

    wallboard = models.ForeignKey(Wallboard, on_delete=models.CASCADE, related_name="rows")
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("place",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wallboard", "queue"], name="wallboard_queue_once"),
        ]

    def __str__(self) -> str:
        return f"{self.queue} on {self.wallboard}"


class Shelf(models.Model):
    """One row: `version` grows with every change of which wallboards there are, how they look and whose
    queues they show."""

    version = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"version {self.version}"

    @staticmethod
    def current() -> int:
        return Shelf.objects.filter(pk=1).values_list("version", flat=True).first() or 0

    @staticmethod
    def bump() -> None:
        Shelf.objects.bulk_create([Shelf(pk=1)], ignore_conflicts=True)
        Shelf.objects.filter(pk=1).update(version=F("version") + 1)
