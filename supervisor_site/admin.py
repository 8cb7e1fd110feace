"""The directory of agents: a name that changes here changes on every page that shows the person."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest

from conferences.models import Conference
from dashboard.models import Agent
from dashboard.pokes import poke
from queues.models import Queue
from telephony.projection import Change

if TYPE_CHECKING:  # Django's own class takes no type parameter when it runs
    _Page = admin.ModelAdmin[Agent]
else:
    _Page = admin.ModelAdmin


@admin.register(Agent)
class AgentAdmin(_Page):
    list_display = ("name", "title", "number", "sip_address", "team", "user")
    list_filter = ("team",)
    list_select_related = ("user",)
    search_fields = ("name", "number", "sip_address", "team")
    autocomplete_fields = ("user",)

    def save_model(self, request: HttpRequest, obj: Agent, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        relabel()

    def delete_model(self, request: HttpRequest, obj: Agent) -> None:
        super().delete_model(request, obj)
        relabel()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Agent]) -> None:
        super().delete_queryset(request, queryset)
        relabel()


@transaction.atomic
def relabel() -> None:
    """Draws everything live anew, once: the directory changes rarely, and whom it names may be anywhere."""
    live = Conference.objects.live()
    # In key order, as the projections lock them.
    ids = list(live.select_for_update().order_by("id").values_list("id", flat=True))
    names = list(Queue.objects.select_for_update().order_by("name").values_list("name", flat=True))
    Conference.objects.filter(id__in=ids).update(version=F("version") + 1)
    Queue.objects.filter(name__in=names).update(version=F("version") + 1)
    changes: set[Change] = {("conference", key) for key in ids} | {("queue", name) for name in names}
    transaction.on_commit(lambda: poke(changes))
