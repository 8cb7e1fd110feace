"""The directory of agents, and teams: what changes here changes on every page that shows the person, and who
sees it."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest

import bridged_calls.projection
from agents import days
from agents.live import DIRECTORY
from conferences.models import Conference
from dashboard.models import Agent, Team, TeamQueue
from dashboard.pokes import poke
from queues.models import Queue
from telephony.projection import Change
from wallboards.commands import LIST
from wallboards.models import Shelf

if TYPE_CHECKING:  # Django's own class takes no type parameter when it runs
    _Page = admin.ModelAdmin[Any]
    _Inline = admin.TabularInline[TeamQueue, Team]
else:
    _Page = admin.ModelAdmin
    _Inline = admin.TabularInline


class Directory(_Page):
    """A page whose changes are seen by everybody at once."""

    def save_related(self, request: HttpRequest, *args: Any) -> None:
        super().save_related(request, *args)
        relabel()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        relabel()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        relabel()


@admin.register(Agent)
class AgentAdmin(Directory):
    list_display = ("name", "title", "number", "sip_address", "team", "user")
    list_filter = ("team",)
    list_select_related = ("user", "team")
    search_fields = ("name", "number", "sip_address", "team__name")
    autocomplete_fields = ("user",)


class QueueOfTeam(_Inline):
    model = TeamQueue
    extra = 1

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "queue_name":
            known = ", ".join(Queue.objects.values_list("name", flat=True))
            field.help_text = f"As Telnyx names it. Known: {known or 'none yet'}."
        return field


@admin.register(Team)
class TeamAdmin(Directory):
    list_display = ("name", "tells_agents", "has")
    search_fields = ("name",)
    inlines: ClassVar = [QueueOfTeam]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).prefetch_related("queues", "agents", "people")

    @admin.display(description="has")
    def has(self, team: Team) -> str:
        counts = (("queue", team.queues), ("agent", team.agents), ("person", team.people))
        return ", ".join(_many(len(found.all()), word) for word, found in counts)


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {'people' if word == 'person' else word + 's'}"


@transaction.atomic
def relabel() -> None:
    """Draws everything live anew, once: the directory changes rarely, and whom it names may be anywhere."""
    live = Conference.objects.live()
    # In key order, as the projections lock them.
    ids = list(live.select_for_update().order_by("id").values_list("id", flat=True))
    names = list(Queue.objects.select_for_update().order_by("name").values_list("name", flat=True))
    Conference.objects.filter(id__in=ids).update(version=F("version") + 1)
    Queue.objects.filter(name__in=names).update(version=F("version") + 1)
    days.renew(Agent.objects.all())
    changes: set[Change] = {("conference", key) for key in ids} | {("queue", name) for name in names}
    changes |= bridged_calls.projection.relabel()
    Shelf.bump()
    changes |= {DIRECTORY, LIST}
    transaction.on_commit(lambda: poke(changes))
