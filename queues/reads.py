"""What webhooks lack, read from Telnyx: a queue's size, who waits with which number, who is gone.

Compare-and-set, as for conferences. What is otherwise than we thought enters the inbox as one `read.queue`
event, dated by the database's clock at the start of the read:

    {"queue", "settings": {id, max_size, created_at, updated_at}, "counted": {current_size, average_since},
     "absent": bool, "joined": {leg: since}, "left": [leg], "kept": [leg], "callers": [QueueCall of Telnyx …]}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from queues import proof
from queues.commands import bump
from queues.models import Queue, QueuedCall
from queues.transitions import subject
from telephony import reads
from telephony.client import TelnyxClient
from telephony.clock import database_now
from telephony.errors import NotFound
from telephony.models import Call
from telephony.reads import Absences
from telephony.wire import Json

WHOLE_SECONDS = timedelta(seconds=3)
_IDENTITY = (
    "call_control_id",
    "call_leg_id",
    "call_session_id",
    "connection_id",
    "from",
    "to",
)


@dataclass(slots=True)
class Reader:
    """Reads queues; remembers between reads which caller was absent, and since when."""

    telnyx: TelnyxClient
    _absences: Absences = field(default_factory=Absences)

    def listed(self) -> dict[str, Json]:
        """Every queue that Telnyx has, by name."""
        return {str(found["name"]): found for found in self.telnyx.list_queues() if found.get("name")}

    def read(self, key: str, listed: Json | None) -> bool:
        """Read one queue and put what differs into the inbox. False: it changed meanwhile, ask again."""
        name = key
        before = Queue.objects.filter(name=name).first()
        started = database_now()
        callers = self._callers(name) if listed is not None else {}
        with transaction.atomic():
            now = Queue.objects.select_for_update().filter(name=name).first()
            if (now and now.version) != (before and before.version):
                return False
            if proof.by_read(name, callers, started):
                bump(subject(name))
            payload = self._differences(now, name, listed, callers, started)
            _note(name, payload, started)
        return True

    def _callers(self, name: str) -> dict[str, Json]:
        try:
            listed = self.telnyx.list_queue_calls(name)
        except NotFound:
            return {}
        return {str(call["call_control_id"]): call for call in listed if _is_ours(call)}

    def _differences(
        self,
        row: Queue | None,
        name: str,
        listed: Json | None,
        callers: Mapping[str, Json],
        started: datetime,
    ) -> dict[str, Any]:
        waiting = QueuedCall.objects.filter(queue__name=name, left_at=None)
        here = set(waiting.values_list("call_control_id", flat=True))
        payload: dict[str, Any] = {
            "settings": _settings(row, listed),
            "counted": _counted(row, listed, len(callers), started),
            "absent": listed is None and row is not None and row.absent_since is None,
            "joined": {
                leg: call.get("enqueued_at") or started.isoformat()
                for leg, call in callers.items()
                if leg not in here
            },
            "left": self._absences.proven(name, here - set(callers), started),
            "kept": _kept(callers),
            "callers": _unknown(callers),
        }
        return {key: value for key, value in payload.items() if value}


def _is_ours(call: Json) -> bool:
    ours = settings.TELNYX_CONNECTION_ID
    return bool(call.get("call_control_id")) and (not ours or call.get("connection_id") in {ours, None})


def _settings(row: Queue | None, listed: Json | None) -> dict[str, Any]:
    """When it was changed last is told with the rest: alone it is no news, as each caller changes it."""
    if listed is None:
        return {}
    told = {"id": str(listed.get("id") or ""), "max_size": listed.get("max_size")}
    known = row is not None and row.absent_since is None
    if known and row and told == {"id": row.telnyx_id, "max_size": row.max_size}:
        return {}
    return told | {name: listed[name] for name in ("created_at", "updated_at") if listed.get(name)}


def _counted(row: Queue | None, listed: Json | None, callers: int, started: datetime) -> dict[str, Any]:
    """Telnyx's own figures, if otherwise than is known.

    Its count is told when it is not that of the list (whose other callers are of other applications), its
    average as the moment that it counts from: that stays the same until somebody comes or goes.
    """
    if listed is None:
        return {}
    size, average = listed.get("current_size"), listed.get("average_wait_time_secs")
    other = size if isinstance(size, int) and size != callers else None
    since = started - timedelta(seconds=average) if size and isinstance(average, int | float) else None
    if row is not None and row.current_size == other and _is_same(row.average_since, since):
        return {}
    if row is None and other is None and since is None:
        return {}
    told = {"current_size": other, "average_since": since.isoformat() if since else None}
    return {name: value for name, value in told.items() if value is not None} or {"as_listed": True}


def _is_same(one: datetime | None, other: datetime | None) -> bool:
    """Telnyx counts in whole seconds, and the read takes its time."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= WHOLE_SECONDS


def _kept(callers: Mapping[str, Json]) -> list[str]:
    """Calls that Telnyx keeps in the queue after they hung up, and that we do not show as such yet."""
    inactive = [leg for leg, call in callers.items() if call.get("is_alive") is False]
    shown = QueuedCall.objects.filter(call_control_id__in=inactive, left_at=None, is_alive=False)
    return sorted(set(inactive) - set(shown.values_list("call_control_id", flat=True)))


def _unknown(callers: Mapping[str, Json]) -> list[Json]:
    """Callers whose number we do not know yet: no call.initiated of theirs reached us."""
    known = Call.objects.filter(call_control_id__in=callers).exclude(from_number="")
    numbers = set(known.values_list("call_control_id", flat=True))
    return [
        {name: call[name] for name in _IDENTITY if call.get(name)}
        for leg, call in callers.items()
        if leg not in numbers
    ]


def _note(name: str, payload: dict[str, Any], started: datetime) -> None:
    Queue.objects.filter(name=name).update(read_at=started)
    if payload:
        reads.found("read.queue", {"queue": name, **payload}, started)
