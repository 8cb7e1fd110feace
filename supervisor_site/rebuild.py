"""All projections made again from the inbox, in one transaction, beside whatever serves.

PostgreSQL: the projections' tables are locked against writing. Webhooks are stored and answered, pages are
served from the rows as they were; projecting, commands and reads wait until the end. SQLite has one writer:
meanwhile webhooks are answered 503 and come again. If it fails, nothing has changed.

Every version grows, so each open page takes the new rows: at once where the poke arrives, else by the beat.
"""

from dataclasses import dataclass

from django.db import connection, transaction

from agents.models import Seat
from agents.rebuild import Agents
from bridged_calls.models import BridgedCall, BridgedLeg, Switchboard
from bridged_calls.rebuild import Bridges
from conferences.models import Conference
from conferences.rebuild import Conferences
from queues.models import Queue, Take
from queues.rebuild import Queues
from recordings.models import Recording
from recordings.rebuild import Recordings
from supervision.models import PhoneTest, Supervision
from supervision.rebuild import Supervisions
from telephony.models import Call
from telephony.projection import Change
from telephony.rebuild import Calls, Part, projected_events

# In the order in which every projection locks them.
LOCKED = (
    Call,
    Conference,
    Queue,
    Take,
    Switchboard,
    BridgedCall,
    BridgedLeg,
    Recording,
    Supervision,
    PhoneTest,
    Seat,
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many events were read, and what the pages must be told."""

    events: int
    changes: set[Change]


def rebuild() -> Rebuilt:
    parts: tuple[Part, ...] = (
        Calls(),
        Conferences(),
        Queues(),
        Bridges(),
        Recordings(),
        Supervisions(),
        Agents(),
    )
    count = 0
    with transaction.atomic():
        _hold_off_projectors()
        for part in parts:
            part.clear()
        for events in projected_events():
            count += len(events)
            for part in parts:
                part.take(events)
        changes = set().union(*(part.settle() for part in parts))
    return Rebuilt(count, changes)


def _hold_off_projectors() -> None:
    """On SQLite the transaction is the only writer from its first statement on."""
    if connection.vendor == "postgresql":
        tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in LOCKED)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
