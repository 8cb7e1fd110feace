"""Records of what Telnyx told: the inbox with its dead letters, facts, call legs, whether Telnyx answers."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from telephony.bodies import readable
from telephony.deliveries import recovered
from telephony.drift import drift, in_words
from telephony.models import Call, Fact, InboxEvent, TelnyxStatus
from telephony.readonly import ReadOnly
from telephony.replay import requeue


class EventTypeFilter(admin.SimpleListFilter):
    """The types among the newest events: looking through the whole inbox for them would take long."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        newest = InboxEvent.objects.order_by("-id").values_list("event_type", flat=True)[:5000]
        return [(name, name or "unreadable") for name in sorted(set(newest))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboxEvent]) -> QuerySet[InboxEvent]:
        return queryset if self.value() is None else queryset.filter(event_type=self.value())


@admin.register(InboxEvent)
class InboxAdmin(ReadOnly):
    list_display = ("received_at", "source", "event_type", "state", "attempts", "why", "put_aside")
    list_filter = ("state", "source", ("recovered_at", admin.EmptyFieldListFilter), EventTypeFilter)
    search_fields = ("event_id__startswith", "error", "aside_reason")
    search_help_text = "Event id, or words of the error or of why it was put aside"
    actions = ("replay",)
    fields = (
        "event_id",
        "source",
        "event_type",
        "received_at",
        "recovered_at",
        "state",
        "attempts",
        "next_attempt_at",
        "projected_at",
        "error",
        "aside_at",
        "aside_by",
        "aside_reason",
        "content",
    )
    readonly_fields = ("content",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboxEvent]:
        return super().get_queryset(request).defer("body")

    @admin.display(description="error")
    def why(self, row: InboxEvent) -> str:
        return row.error[:120]

    @admin.display(description="put aside")
    def put_aside(self, row: InboxEvent) -> str:
        return f"{row.aside_by}: {row.aside_reason}" if row.aside_at else ""

    @admin.display(description="body")
    def content(self, row: InboxEvent) -> SafeString:
        return format_html("<pre>{}</pre>", readable(bytes(row.body)))

    @admin.action(description="Replay the dead letters among the selected events", permissions=["view"])
    def replay(self, request: HttpRequest, queryset: QuerySet[InboxEvent]) -> None:
        """Those put aside as well. Who did it is in the record's history."""
        dead = queryset.filter(state__in=(InboxEvent.State.DEAD, InboxEvent.State.ASIDE))
        chosen = list(dead)
        count = requeue(row.pk for row in chosen)
        for row in chosen:
            self.log_change(request, row, "Replayed")
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(
            request, f"{count} dead {'letter waits' if count == 1 else 'letters wait'} again.", level
        )


@admin.register(Fact)
class FactAdmin(ReadOnly):
    list_display = ("at", "kind", "subject", "leg", "source")
    list_filter = ("source", "kind")
    search_fields = ("subject__startswith", "leg__startswith", "event__startswith")
    search_help_text = "Start of conference:<id> or queue:<name>, of a call control id, or of an event id"
    ordering = ("-id",)


@admin.register(Call)
class CallAdmin(ReadOnly):
    list_display = (
        "from_number",
        "to_number",
        "direction",
        "queue_name",
        "initiated_at",
        "answered_at",
        "ended_at",
    )
    list_filter = ("direction",)
    search_fields = ("from_number", "to_number", "call_control_id__startswith", "call_session_id__startswith")
    search_help_text = "A number, or the start of a call control id or call session id"
    ordering = ("-id",)


@admin.register(TelnyxStatus)
class TelnyxStatusAdmin(ReadOnly):
    """Beside it, how far what we thought was from what reads found: drift, found and repaired; and how many
    webhooks never arrived and were fetched from Telnyx's log."""

    list_display = ("__str__", "since", "checked_at", "latency_ms", "reason", "deliveries_refused_since")
    readonly_fields = (
        "repaired_in_an_hour",
        "repaired_in_a_day",
        "repaired_in_a_week",
        "what_was_repaired",
        "fetched",
        "what_was_fetched",
    )

    @admin.display(description="repaired by reads, last hour")
    def repaired_in_an_hour(self, row: TelnyxStatus) -> str:
        return in_words(drift(timezone.now() - timedelta(hours=1)))

    @admin.display(description="repaired by reads, last 24 hours")
    def repaired_in_a_day(self, row: TelnyxStatus) -> str:
        return in_words(drift(timezone.now() - timedelta(days=1)))

    @admin.display(description="repaired by reads, last 7 days")
    def repaired_in_a_week(self, row: TelnyxStatus) -> str:
        return in_words(drift(timezone.now() - timedelta(days=7)))

    @admin.display(description="what was repaired")
    def what_was_repaired(self, row: TelnyxStatus) -> SafeString:
        found = reverse("admin:telephony_fact_changelist")
        return format_html('<a href="{}?source__exact=read">Facts that reads found, newest first</a>', found)

    @admin.display(description="lost webhooks fetched, last hour, 24 hours, 7 days")
    def fetched(self, row: TelnyxStatus) -> str:
        now = timezone.now()
        return ", ".join(str(recovered(now - timedelta(hours=hours))) for hours in (1, 24, 24 * 7))

    @admin.display(description="what was fetched")
    def what_was_fetched(self, row: TelnyxStatus) -> SafeString:
        lost = reverse("admin:telephony_inboxevent_changelist")
        return format_html('<a href="{}?recovered_at__isempty=0">Webhooks that never arrived</a>', lost)
