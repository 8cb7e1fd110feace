"""Who listened to whom, as the events tell it; nothing to edit."""

from django.contrib import admin

from supervision.models import Supervision
from telephony.readonly import ReadOnly


@admin.register(Supervision)
class SupervisionAdmin(ReadOnly):
    list_display = ("user_name", "conference_name", "role", "state", "reason", "requested_at", "ended_at")
    list_filter = ("state", "role")
    search_fields = ("user_name", "conference_name", "conference_id__startswith", "bridged_leg__startswith")
    ordering = ("-requested_at",)
