"""Takes the figures for health, has them judged, and keeps the report that every page is drawn from."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Count, Min, Q
from django.utils import timezone

from conferences.models import Conference, Participant
from dashboard.models import Command
from queues.models import QueuedCall
from supervisor_site import letters, silence, tiles
from supervisor_site.models import HealthReport, Vital
from supervisor_site.vitals import Figures, Line, Process, Redis, Stored, Telnyx, Tile, moment
from telephony import deliveries, drift, status
from telephony.models import InboxEvent
from telephony.projection import Change

CHANGE: Change = ("health", "")
HEARING, HEARING_CHANGE = "webhooks-status", ("webhooks", "")
HOUR = timedelta(hours=1)
Shown = dict[str, Any]


def current() -> HealthReport:
    """The newest report; before the first beat of any process it is empty."""
    return HealthReport.objects.filter(pk=1).first() or HealthReport(pk=1)


def measure(unless_within: timedelta = timedelta()) -> set[Change]:
    """Judge anew, unless that was done so shortly ago. Returns what changed, for the poke after it.

    Two processes may measure at once: who comes second finds another version, and its measure is dropped.
    """
    before, now = current(), timezone.now()
    if before.measured_at and timedelta() <= now - before.measured_at < unless_within:
        return set()
    version = before.version + 1
    parts = _merged(before.parts, _shown(gather(now)), version)
    if before.version:
        row = HealthReport.objects.filter(pk=1, version=before.version)
        done = row.update(version=version, measured_at=now, parts=parts)
    else:
        _, done = HealthReport.objects.get_or_create(
            pk=1, defaults={"version": version, "measured_at": now, "parts": parts}
        )
    return _changes(parts, version) if done else set()


def hearing() -> Shown:
    """Whether webhooks are missing, as `silence.hearing` judged it: version and content of its fragment."""
    part = HealthReport.objects.filter(pk=1).values_list(f"parts__{HEARING}", flat=True).first()
    return part or {"version": 0, "shown": {"since": None, "every": None}}


def _changes(parts: Mapping[str, Any], version: int) -> set[Change]:
    return {CHANGE, HEARING_CHANGE} if parts[HEARING]["version"] == version else {CHANGE}


def _merged(before: Mapping[str, Any], shown: Mapping[str, Shown], version: int) -> dict[str, Any]:
    """A part that shows the same keeps its version."""
    return {
        key: before[key]
        if key in before and before[key]["shown"] == what
        else {"version": version, "shown": what}
        for key, what in shown.items()
    }


# --- what is shown -----------------------------------------------------------------------------------
def _shown(figures: Figures) -> dict[str, Shown]:
    """Each part's content by its fragment's id, as JSON gives it back."""
    judged = tiles.judge(figures)
    down = sum(tile.level == "red" for tile in judged)
    late = sum(tile.level == "amber" for tile in judged)
    parts: dict[str, Shown] = {
        "health-count": {"down": down},
        "health-head": _head(figures, down, late, len(judged) - down - late),
        HEARING: silence.hearing(figures),
        "health-banner": _banner(figures, {tile.key: tile for tile in judged}),
        **{f"tile-{tile.key}": asdict(tile) for tile in judged},
        "health-letters": letters.shown(),
    }
    parts["tile-webhooks"] |= {"rate": silence.per_minute(figures), "until": figures.now}
    return dict(json.loads(json.dumps(parts, cls=DjangoJSONEncoder)))


def _head(figures: Figures, down: int, late: int, well: int) -> Shown:
    present = figures.present
    return {
        "down": down,
        "late": late,
        "well": well,
        "measured": figures.now,
        "up": min((process.started_at for process in present), default=None),
        "serving": sum(process.serves for process in present),
        "working": sum(process.worked_at is not None for process in present),
    }


def _banner(figures: Figures, judged: Mapping[str, Tile]) -> Shown:
    webhooks, clock = judged["webhooks"], judged["clock"]
    return {
        "silent_since": webhooks.since if webhooks.level == "red" else None,
        "every": silence.hearing(figures)["every"],
        "calls": figures.stored.calls_up if webhooks.level == "red" else 0,
        "usual": math.ceil(silence.usual_gap(figures).total_seconds()),
        "clock": clock.words if clock.level in {"amber", "red"} else "",
        "refused": clock.level == "red",
    }


# --- where figures come from ---------------------------------------------------------------------------
def gather(now: datetime) -> Figures:
    """Every figure there is at this moment. A few short queries, no network."""
    processes = [_process(row) for row in Vital.objects.all()]
    telnyx = status.current()
    read = Telnyx(
        telnyx.reachable,
        telnyx.since,
        telnyx.checked_at,
        telnyx.latency_ms,
        telnyx.deliveries_refused_since,
        telnyx.deliveries_reason,
    )
    return Figures(now, processes, read, _stored(now))


def _process(row: Vital) -> Process:
    told, pages, telnyx = row.figures, row.figures.get("pages", {}), row.figures.get("telnyx", {})
    webhooks, refused = told.get("webhooks", {}), told.get("refused", {})
    return Process(
        beat_at=row.beat_at,
        started_at=row.started_at,
        serves=bool(told.get("serves")),
        worked_at=moment(told.get("worked")),
        reads_need=told.get("reads_need"),
        webhooks=_minutes(webhooks),
        webhook_at=moment(webhooks.get("last")),
        refused=_minutes(refused),
        refused_at=moment(refused.get("last")),
        commit_ms=told.get("commit_ms"),
        redis=Redis(**told["redis"]) if told.get("redis") else None,
        **pages,
        **telnyx,
    )


def _minutes(told: Mapping[str, Any]) -> dict[int, int]:
    return {int(minute): int(count) for minute, count in told.get("minutes", {}).items()}


def _stored(now: datetime) -> Stored:
    waiting = InboxEvent.objects.filter(state=InboxEvent.State.PENDING)
    fresh = waiting.filter(attempts=0).aggregate(count=Count("pk"), since=Min("received_at"))
    dead = InboxEvent.objects.filter(state=InboxEvent.State.DEAD)
    dead_ones = dead.aggregate(count=Count("pk"), since=Min("received_at"))
    connections, most, size = _engine()
    return Stored(
        calls_up=_calls_up(),
        waiting=fresh["count"],
        waiting_since=fresh["since"],
        tried_again=waiting.exclude(attempts=0).count(),
        dead=dead_ones["count"],
        dead_since=dead_ones["since"],
        repaired=drift.drift(now - HOUR),
        recovered=deliveries.recovered(now - HOUR),
        connections=connections,
        connections_most=most,
        size=size,
        failed=_failed(now),
        **_commands(now),
    )


def _calls_up() -> int:
    live = Participant.objects.filter(left_at=None).exclude(conference__status=Conference.Status.COMPLETED)
    legs = set(live.values_list("call_control_id", flat=True))
    return len(legs | set(QueuedCall.objects.filter(left_at=None).values_list("call_control_id", flat=True)))


def _commands(now: datetime) -> dict[str, int]:
    unknown = Q(state=Command.State.UNKNOWN, created_at__gte=now - HOUR)
    found: dict[str, int] = Command.objects.aggregate(
        commands_open=Count("pk", filter=Q(settled_at=None)), commands_unknown=Count("pk", filter=unknown)
    )
    return found


def _failed(now: datetime) -> list[Line]:
    """The newest commands of the day that Telnyx did not do, with its reason."""
    bad = (Command.State.REFUSED, Command.State.FAILED, Command.State.UNKNOWN)
    rows = Command.objects.filter(state__in=bad, created_at__gte=now - 24 * HOUR).order_by("-created_at")[:3]
    return [
        Line(row.action.replace("-", " ").capitalize(), row.reason or row.get_state_display(), row.created_at)
        for row in rows
    ]


def _engine() -> tuple[int | None, int | None, int]:
    """Connections, the most of them, and bytes; SQLite has no connections to count."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
            return None, None, int(cursor.fetchone()[0])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),"
            " current_setting('max_connections')::int, pg_database_size(current_database())"
        )
        connections, most, size = cursor.fetchone()
    return int(connections), int(most), int(size)
