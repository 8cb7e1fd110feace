"""Bridged calls and their legs, as the facts tell; nothing to edit."""

from django.contrib import admin

from bridged_calls.models import BridgedCall, BridgedLeg
from telephony.readonly import ReadOnly, ReadOnlyInline


class LegInline(ReadOnlyInline):
    model = BridgedLeg
    fields = ("call_control_id", "session", "bridged_at", "left_at", "left_because", "held_at")


@admin.register(BridgedCall)
class BridgedCallAdmin(ReadOnly):
    list_display = ("started_at", "ended_at", "end_because", "paired_by")
    list_filter = ("paired_by", "end_because")
    search_fields = ("legs__call_control_id__startswith",)
    search_help_text = "The start of a call control id"
    ordering = ("-started_at",)
    inlines = (LegInline,)
