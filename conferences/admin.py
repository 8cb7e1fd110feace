"""Conferences and who was in them, as the facts tell; nothing to edit."""

from django.contrib import admin

from conferences.models import Conference, Participant
from telephony.readonly import ReadOnly, ReadOnlyInline


class ParticipantInline(ReadOnlyInline):
    model = Participant
    fields = (
        "call_control_id",
        "joined_at",
        "left_at",
        "left_because",
        "muted",
        "on_hold",
        "supervisor_role",
    )


@admin.register(Conference)
class ConferenceAdmin(ReadOnly):
    list_display = ("__str__", "status", "started_at", "ended_at", "recording", "end_reason")
    list_filter = ("status", "recording")
    search_fields = ("name", "id__startswith")
    search_help_text = "A name, or the start of a conference id"
    ordering = ("-first_seen_at",)
    inlines = (ParticipantInline,)


@admin.register(Participant)
class ParticipantAdmin(ReadOnly):
    list_display = (
        "conference",
        "call_control_id",
        "joined_at",
        "left_at",
        "muted",
        "on_hold",
        "supervisor_role",
    )
    list_filter = ("muted", "on_hold", "supervisor_role")
    list_select_related = ("conference",)
    search_fields = ("conference__name", "call_control_id__startswith")
    search_help_text = "A conference's name, or the start of a call control id"
    ordering = ("-joined_at",)
