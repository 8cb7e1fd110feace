"""A press that comes to nothing: no further try, and the inbox is told that it is over."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from dashboard.commands import OVERTAKEN, called_off
from dashboard.models import Command
from supervision.models import PhoneTest, Supervision
from telephony.clock import database_now
from telephony.events import encode
from telephony.projection import Arrival, arrive


def nothing_came_of(row: Supervision | PhoneTest, actions: Iterable[str]) -> bool:
    """Whether the press that began this (of `actions`) has come to nothing; it is said to be over then."""
    begun = Command.objects.filter(subject=row.subject, action__in=actions, settled_at__isnull=False)
    # A dial that Leave overtook may have a leg: what Leave does to that is the end.
    begun = begun.exclude(reason__endswith=OVERTAKEN)
    command = begun.exclude(state__in=[Command.State.ACCEPTED, Command.State.DONE]).first()
    if command is None:
        return False
    # Asked after the command: where events failed both, they have said why already, and better.
    if type(row).objects.live().filter(pk=row.pk).exists():
        undo(row, "unknown" if command.state == Command.State.UNKNOWN else command.reason)
    return True


def undo(row: Supervision | PhoneTest, reason: str) -> None:
    """Put it into the inbox that nothing comes of this press; once, whoever says so."""
    event_id, at = f"undone:{row.pk}", database_now()
    payload = {"supervision": str(row.pk), "reason": reason}
    body = encode("reply.undone", event_id, at, payload)
    with transaction.atomic():
        arrive([Arrival(event_id, "reply", "reply.undone", body, at)])


def overtake(subject: str) -> None:
    """No further try of a dial that was called off."""
    now = timezone.now()
    waiting = Command.objects.filter(subject=subject, settled_at=None)
    waiting.update(state=called_off(), settled_at=now, next_try_at=None, reason="cancelled", dismissed_at=now)
