"""The frame of every projection: store what arrives, claim it, fold it, write it, in short transactions.

    store       arrivals into the inbox, one statement, duplicates are no-ops
    project     claim a batch of waiting rows, hand the events to the projections, mark the rows

A batch runs in one savepoint; if it fails, each of its events runs in one of its own, so that a poison
event marks only itself: tried again with back-off, then a dead letter that a person can replay.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from telephony import counts, trace
from telephony.events import Event, Unreadable, parse
from telephony.models import InboxEvent
from telephony.statements import Select, execute

log = logging.getLogger("earshot.projection")

Change = tuple[str, str]
Projection = Callable[[Sequence[Event]], set[Change]]

MAX_ATTEMPTS = 6
State = InboxEvent.State

# SQLite has no row locks and needs none: its transactions are IMMEDIATE.
_WAITING = Select(
    InboxEvent,
    "state = 'pending' AND (next_attempt_at IS NULL OR next_attempt_at <= %s)",
    order="id LIMIT %s",
    lock="SKIP LOCKED",
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something for the inbox. With a `dead_reason` it is kept as a dead letter, not projected."""

    event_id: str
    source: str
    event_type: str
    body: bytes
    received_at: datetime
    dead_reason: str = ""


@dataclass(frozen=True, slots=True)
class Projected:
    """What one batch did: how many inbox rows it claimed, and what changed for the pages."""

    events: int = 0
    changes: set[Change] = field(default_factory=set)


_listeners: list[Callable[[float], None]] = []


def listen(wake: Callable[[float], None]) -> None:
    """Call `wake` whenever this process has put something into the inbox and committed it, with the seconds
    for which whoever projects shall give way."""
    _listeners.append(wake)


def store(arrivals: Sequence[Arrival]) -> None:
    """Put arrivals into the inbox in one statement; an event id that is there already changes nothing."""
    if not arrivals:
        return
    row = "(%s, %s, %s, %s, %s, %s, 0, %s)"
    # No text of ours goes into the statement: only as many rows of placeholders as there are arrivals.
    statement = (
        "INSERT INTO telephony_inboxevent "  # noqa: S608
        "(event_id, source, event_type, body, received_at, state, attempts, error) VALUES "
        + ", ".join([row] * len(arrivals))
        + " ON CONFLICT (event_id) DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for arrival in arrivals for value in _values(arrival)])


def _values(arrival: Arrival) -> tuple[str | bytes | datetime | None, ...]:
    state = State.DEAD if arrival.dead_reason else State.PENDING
    return (
        arrival.event_id,
        arrival.source,
        arrival.event_type[:100],
        arrival.body,
        # SQLite compares times as text: the driver's own form of an aware time would never match Django's.
        connection.ops.adapt_datetimefield_value(arrival.received_at),
        state.value,
        arrival.dead_reason,
    )


def arrive(arrivals: Sequence[Arrival]) -> None:
    """Store within the caller's transaction, and wake this process's projector once it is committed."""
    store(arrivals)
    transaction.on_commit(give_way)


def give_way(seconds: float = 0.0) -> None:
    """Wake this process's projector after so many seconds, whatever arrives meanwhile: somebody waits for
    what is drawn on the same processor."""
    for wake in _listeners:
        wake(seconds)


def project(projections: Sequence[Projection], limit: int = 300) -> Projected:
    """Project one batch of waiting events, oldest first. Safe to run in several processes at once."""
    with transaction.atomic():
        rows = _claim(limit)
        if not rows:
            return Projected()
        read = [(row, event) for row in rows if (event := _read(row))]
        changes = _fold(projections, read)
        _mark(rows)
    _count(rows)
    return Projected(len(rows), changes)


def _count(rows: Iterable[InboxEvent]) -> None:
    now = timezone.now()
    for row in rows:
        if row.source == InboxEvent.Source.WEBHOOK and row.state == State.PROJECTED:
            counts.PROJECTED.observe(max((now - row.received_at).total_seconds(), 0.0))


def _claim(limit: int) -> list[InboxEvent]:
    return _WAITING.rows(timezone.now(), limit)


def _read(row: InboxEvent) -> Event | None:
    try:
        return parse(bytes(row.body), source=row.source, received_at=row.received_at)
    except Unreadable as problem:
        _bury(row, f"Cannot be read: {problem}")
        return None


def _fold(projections: Sequence[Projection], read: Sequence[tuple[InboxEvent, Event]]) -> set[Change]:
    if not read:
        return set()
    try:
        changes = _run(projections, [event for _, event in read])
    except Exception as problem:
        if _is_the_databases(problem):
            raise
        log.warning("A batch of %d events failed (%s); projecting each alone", len(read), problem)
        return _each_alone(projections, read)
    for row, _ in read:
        row.state = State.PROJECTED
    return changes


def _each_alone(projections: Sequence[Projection], read: Iterable[tuple[InboxEvent, Event]]) -> set[Change]:
    changes: set[Change] = set()
    for row, event in read:
        with trace.about(event=row.event_id):
            changes |= _alone(projections, row, event)
    return changes


def _alone(projections: Sequence[Projection], row: InboxEvent, event: Event) -> set[Change]:
    try:
        changes = _run(projections, [event])
    except Exception as problem:
        if _is_the_databases(problem):
            raise
        log.exception("An event of type %s cannot be projected", row.event_type)
        _put_off(row, problem)
        return set()
    row.state = State.PROJECTED
    return changes


def _run(projections: Sequence[Projection], events: Sequence[Event]) -> set[Change]:
    with transaction.atomic():
        return set().union(*(projection(events) for projection in projections))


def _is_the_databases(problem: Exception) -> bool:
    """The connection is gone, or PostgreSQL has no room or is stopped: no event may die of that."""
    if not isinstance(problem, OperationalError | InterfaceError):
        return False
    state = getattr(problem.__cause__, "sqlstate", None) or ""
    # 53: insufficient resources, 57P: operator intervention, 58: system error.
    return bool(getattr(connection.connection, "closed", False)) or state.startswith(("53", "57P", "58"))


def _put_off(row: InboxEvent, problem: Exception) -> None:
    row.attempts += 1
    row.error = f"{type(problem).__name__}: {problem}"[:2000]
    if row.attempts >= MAX_ATTEMPTS:
        row.state = State.DEAD
    else:
        row.next_attempt_at = timezone.now() + timedelta(seconds=2**row.attempts)


def _bury(row: InboxEvent, reason: str) -> None:
    row.state, row.error, row.next_attempt_at = State.DEAD, reason[:2000], None


def _mark(rows: Sequence[InboxEvent]) -> None:
    """All that went well in one statement, what did not (hardly ever anything) one by one.

    Django's `bulk_update` costs several times as much as folding the events does.
    """
    well = [row.pk for row in rows if row.state == State.PROJECTED]
    execute(
        "UPDATE telephony_inboxevent SET state = 'projected', error = '', next_attempt_at = NULL,"
        " projected_at = %s WHERE id IN {}",
        timezone.now(),
        well,
    )
    for row in rows:
        if row.state != State.PROJECTED:
            row.save(update_fields=["state", "attempts", "next_attempt_at", "error"])
