"""Queues and who waited in them. Targets and limits are ours and editable; the rest is what facts tell."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from dashboard.pokes import poke
from queues.models import Queue, QueuedCall
from telephony.readonly import ReadOnly

SETTINGS = ("wait_target_seconds", "service_level_percent", "waiting_limit", "abandoned_limit_percent")


@admin.register(Queue)
class QueueAdmin(ReadOnly):
    list_display = ("name", "max_size", "absent_since", *SETTINGS)
    search_fields = ("name",)
    readonly_fields = (
        *("name", "telnyx_id", "max_size", "current_size", "average_since", "average_at_enqueue"),
        *("created_at", "updated_at", "absent_since", "read_at", "version"),
    )
    fields = (*SETTINGS, *readonly_fields)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super(ReadOnly, self).has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Queue, form: Any, change: bool) -> None:
        """Only the settings, because a projection may be writing the rest; then every page shows them."""
        obj.save(update_fields=SETTINGS)
        Queue.objects.filter(pk=obj.pk).update(version=F("version") + 1)
        transaction.on_commit(lambda: poke({("queue", obj.name)}))


@admin.register(QueuedCall)
class QueuedCallAdmin(ReadOnly):
    list_display = ("queue", "call_control_id", "enqueued_at", "left_at", "left_because", "waited_seconds")
    list_filter = ("queue", "left_because")
    list_select_related = ("queue",)
    search_fields = ("call_control_id__startswith",)
    search_help_text = "The start of a call control id"
    ordering = ("-enqueued_at",)
