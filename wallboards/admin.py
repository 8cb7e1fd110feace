"""The screens of all wallboards, for admins: looked at and revoked, nothing else."""

import contextlib

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from dashboard.commands import Refused
from dashboard.pages import viewer
from telephony.readonly import ReadOnly
from wallboards import devices
from wallboards.devices_models import Device


@admin.register(Device)
class DeviceAdmin(ReadOnly):
    list_display = ("name", "wallboard", "made_by", "made_at", "opened_at", "last_seen_at", "revoked_at")
    list_filter = ("wallboard",)
    search_fields = ("name", "wallboard__name")
    fields = (*list_display, "expires_at", "revoked_by")
    list_select_related = ("wallboard", "made_by")
    actions = ("revoke",)

    @admin.action(description="Revoke: the screens go blank within 5 s", permissions=["view"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Device]) -> None:
        for one in chosen.filter(revoked_at=None):
            # Somebody else may have revoked it since the list was shown.
            with contextlib.suppress(Refused):
                devices.revoke(viewer(request), one.wallboard_id, one.pk)
        self.message_user(request, "The screens are revoked.", messages.SUCCESS)
