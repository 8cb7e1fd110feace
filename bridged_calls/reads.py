"""What webhooks lack of bridged calls, read from Telnyx: which of their legs are over.

Only that can be read: Telnyx's list of active calls and `GET /calls/{id}` say whether a leg lives and never
with whom it is connected. What the list lacks is asked about itself, because a leg of another connection is
in no list of ours. What is over enters the inbox as one `read.bridged` event:

    {"gone": {leg: Telnyx's time of the end, or ""}}
"""

import time
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from bridged_calls.models import BridgedLeg
from telephony.client import TelnyxClient
from telephony.clock import database_now
from telephony.errors import NotFound
from telephony.reads import found

MOST = 10  # legs that are asked about in one look: what lives is asked about in vain


@dataclass(slots=True)
class Reader:
    """Looks after the ends of bridged legs, those asked about longest ago first."""

    telnyx: TelnyxClient
    _asked: dict[str, float] = field(default_factory=dict)

    def look(self) -> int:
        """Compare what is shown as live with Telnyx; returns the reads. Raises `TelnyxError`."""
        shown = BridgedLeg.objects.filter(left_at=None, call__ended_at=None).order_by("bridged_at")
        legs = list(shown.values_list("call_control_id", flat=True))
        if not legs:
            return 0
        started = database_now()
        listed = self._listed()
        doubtful = self._next([leg for leg in legs if leg not in listed])
        gone = {leg: end for leg in doubtful if (end := self._end(leg)) is not None}
        if gone:
            with transaction.atomic():
                found("read.bridged", {"gone": gone}, started)
        return 1 + len(doubtful)

    def _next(self, doubtful: list[str]) -> list[str]:
        """Those asked about longest ago; what is not in doubt any more is forgotten."""
        before = {leg: self._asked.get(leg, 0.0) for leg in doubtful}
        chosen = sorted(doubtful, key=before.__getitem__)[:MOST]
        self._asked = before | dict.fromkeys(chosen, time.monotonic())
        return chosen

    def _listed(self) -> set[str]:
        if not settings.TELNYX_CONNECTION_ID:
            return set()
        active = self.telnyx.list_active_calls(settings.TELNYX_CONNECTION_ID)
        return {str(call.get("call_control_id", "")) for call in active}

    def _end(self, leg: str) -> str | None:
        """When it ended, "" if Telnyx has forgotten it since; None while it lives."""
        try:
            call = self.telnyx.retrieve_call(leg)
        except NotFound:
            return ""
        return str(call.get("end_time") or "") if call.get("is_alive") is False else None
