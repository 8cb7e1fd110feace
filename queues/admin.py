"""Queues and who waited in them. Targets are ours; the rest is what facts tell.

What is done to a queue here are the same commands as on its page, with the same log and the same refusals.
None of them runs within a transaction of the admin: a command is committed before its request goes out.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse

from dashboard.commands import Refused
from dashboard.models import Command
from dashboard.pages import viewer
from dashboard.roles import Action
from dashboard.shown import refusal
from queues import commands
from queues.models import AIMS as FIELDS
from queues.models import Queue, QueuedCall
from queues.options import Limit, New, Targets
from queues.verbs import VERBS
from telephony.readonly import ReadOnly

FAILED = {Command.State.REFUSED, Command.State.FAILED}


if TYPE_CHECKING:  # Django's own classes take no type parameter when they run
    _Form = forms.ModelForm[Queue]
else:
    _Form = forms.ModelForm


class QueueForm(_Form):
    """`max_size` here is what somebody wants; the row's own follows when Telnyx shows it."""

    class Meta:
        model = Queue
        fields = (*FIELDS, "max_size")
        labels: ClassVar = {"max_size": "most callers waiting, at Telnyx"}

    def clean(self) -> None:
        """The limits of the page's form: it is the one that is saved."""
        for name, errors in Targets(self.data).errors.items():
            self.add_error(name, list(errors))


@admin.register(Queue)
class QueueAdmin(ReadOnly):
    form = QueueForm
    list_display = ("name", "max_size", "absent_since", *FIELDS)
    search_fields = ("name",)
    readonly_fields = (
        *("name", "telnyx_id", "current_size", "average_since", "average_at_enqueue"),
        *("created_at", "updated_at", "absent_since", "read_at", "version"),
    )
    fields = (*FIELDS, "max_size", *readonly_fields)
    actions = ("delete_at_telnyx",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return viewer(request).may(Action.MANAGE_QUEUES)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return viewer(request).may(Action.MANAGE_QUEUES)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new queue at Telnyx; its row comes when Telnyx shows it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST" and self._made(request):
            return HttpResponseRedirect(reverse("admin:queues_queue_changelist"))
        shown = {"form": New(request.POST or None), "title": "Add queue"}
        return render(request, "admin/new_queue.html", self.admin_site.each_context(request) | shown)

    def _made(self, request: HttpRequest) -> bool:
        try:
            name = commands.make(viewer(request), request.POST)
        except Refused as refused:
            self._refused(request, refused)
            return False
        self.message_user(request, f"Telnyx makes {name}: it is listed in some seconds.", messages.SUCCESS)
        return True

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        queue = self.get_object(request, object_id) if request.method == "POST" else None
        if queue and not self._limited(request, queue):
            return HttpResponseRedirect(request.path)
        return super().change_view(request, object_id, form_url, extra_context)

    def _limited(self, request: HttpRequest, queue: Queue) -> bool:
        """Only a number that differs is a command; one that is none is the form's to refuse."""
        form = Limit(request.POST)
        if not form.is_valid() or form.cleaned_data["max_size"] == queue.max_size:
            return True
        return self._press(request, queue.pk, "limit", request.POST)

    def save_model(self, request: HttpRequest, obj: Queue, form: Any, change: bool) -> None:
        """The targets only: the rest of the row is a projection's."""
        commands.aim(viewer(request), obj.pk, {name: form.cleaned_data[name] for name in FIELDS})

    @admin.action(description="Delete at Telnyx, history and targets stay", permissions=["change"])
    def delete_at_telnyx(self, request: HttpRequest, chosen: Any) -> None:
        for pk in chosen.values_list("pk", flat=True):
            self._press(request, pk, "delete", QueryDict())

    def _press(self, request: HttpRequest, pk: int, action: str, posted: QueryDict) -> bool:
        """One of the page's commands; False if it was refused, here or by Telnyx. Says what came of it."""
        try:
            command = commands.on_queue(viewer(request), pk, action, posted)
        except Refused as refused:
            self._refused(request, refused)
            return False
        if command and command.state in FAILED:
            told = refusal(command, VERBS)
            self.message_user(request, f"{told.title}. {told.text}", messages.ERROR)
            return False
        words = f"{VERBS[action].noun}: Telnyx has it, the page follows in some seconds."
        self.message_user(request, words, messages.SUCCESS)
        return True

    def _refused(self, request: HttpRequest, refused: Refused) -> None:
        self.message_user(request, f"{refused.title} {refused.text}", messages.ERROR)


@admin.register(QueuedCall)
class QueuedCallAdmin(ReadOnly):
    list_display = ("queue", "call_control_id", "enqueued_at", "left_at", "left_because", "waited_seconds")
    list_filter = ("queue", "left_because")
    list_select_related = ("queue",)
    search_fields = ("call_control_id__startswith",)
    search_help_text = "The start of a call control id"
    ordering = ("-enqueued_at",)
