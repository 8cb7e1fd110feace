"""What the projections made in the database, in the form of `Memory.rows`."""

from collections import defaultdict
from typing import Any

from django.db.models import Model

from conferences.models import Conference, Participant
from queues.models import Queue, QueuedCall
from telephony.models import Call
from tests.support.in_memory import HIDDEN

Row = dict[str, Any]
# A stay's place is its key.
NOT_TOLD = HIDDEN | {"conference_id", "queue_id", "call_control_id"}


def stored() -> dict[str, Any]:
    return {
        "calls": _by(Call, "call_control_id"),
        "conferences": _by(Conference, "id"),
        "queues": _by(Queue, "name"),
        "participants": _stays(Participant, "conference_id", "joined_at"),
        "queued": _stays(QueuedCall, "queue__name", "enqueued_at"),
    }


def _by(model: type[Model], key: str) -> dict[str, Row]:
    return {getattr(row, key): _fields(row, HIDDEN | {key}) for row in model._default_manager.all()}


def _stays(model: type[Model], place: str, since: str) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    places = dict(model._default_manager.values_list("pk", place))
    for row in model._default_manager.order_by(since, "opened_by"):
        leg: str = row.call_control_id  # type: ignore[attr-defined]
        found[places[row.pk], leg].append(_fields(row, NOT_TOLD))
    return dict(found)


def _fields(row: Model, hidden: set[str]) -> Row:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in hidden
    }
