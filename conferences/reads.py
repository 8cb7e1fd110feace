"""What webhooks lack, read from Telnyx: names, who is there, who is muted or held, what has ended.

A read is compare-and-set: it notes the conference's version before it asks; if that changed meanwhile, what
it found is thrown away. What is otherwise than we thought enters the inbox as one `read.conference` event:

    {"conference_id", "conference": {name, region, …}, "ended": {"reason", "at"}, "joined": {leg: since},
     "left": [leg], "muted": {leg: bool}, "on_hold": {leg: bool}}

dated by the database's clock at the start of the read, so that a later reply beats it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from conferences import proof
from conferences.commands import bump
from conferences.models import Conference, Participant
from conferences.transitions import subject
from dashboard.models import Command
from telephony import reads
from telephony.client import TelnyxClient
from telephony.clock import database_now
from telephony.errors import NotFound
from telephony.reads import Absences
from telephony.wire import Json

CLOCKS_DIFFER = timedelta(minutes=1)  # at most, between Telnyx's and ours
_TOLD = ("name", "region", "connection_id", "created_at", "expires_at", "status")


@dataclass(slots=True)
class Reader:
    """Reads conferences; remembers between reads who was absent, and since when."""

    telnyx: TelnyxClient
    _absences: Absences = field(default_factory=Absences)

    def live(self) -> dict[str, Json]:
        """Every conference that is live at Telnyx and ours, by id."""
        listed = [
            *self.telnyx.list_conferences(status="in_progress"),
            *self.telnyx.list_conferences(status="init"),
        ]
        return {str(found["id"]): found for found in listed if found.get("id") and _is_ours(found)}

    def read(self, key: str, listed: Json | None) -> bool:
        """Read one conference and put what differs into the inbox. False: it changed meanwhile, ask again."""
        conference_id = key
        before = Conference.objects.filter(pk=conference_id).first()
        started = database_now()
        found = listed or self._retrieve(conference_id)
        people = self._people(conference_id) if found and not _is_over(found) else None
        with transaction.atomic():
            now = Conference.objects.select_for_update().filter(pk=conference_id).first()
            if (now and now.version) != (before and before.version):
                return False
            payload = self._differences(now, conference_id, found, people, started)
            _note(conference_id, payload, started)
            if people is not None and proof.by_read(conference_id, people, started):
                bump(subject(conference_id))
        return True

    def _retrieve(self, conference_id: str) -> Json | None:
        try:
            return self.telnyx.retrieve_conference(conference_id)
        except NotFound:
            return None

    def _people(self, conference_id: str) -> dict[str, Json] | None:
        """Who is there now, by leg. None: the conference ended between two requests."""
        try:
            listed = self.telnyx.list_participants(conference_id)
        except NotFound:
            return None
        there = (person for person in listed if person.get("status") != "left")
        return {str(person["call_control_id"]): person for person in there if person.get("call_control_id")}

    def _differences(
        self,
        row: Conference | None,
        conference_id: str,
        found: Json | None,
        people: Mapping[str, Json] | None,
        started: datetime,
    ) -> dict[str, Any]:
        if row is not None and not row.is_live:
            return {}
        if found is None or _is_over(found):
            return {"ended": {"reason": (found or {}).get("end_reason")}} if row else {}
        payload: dict[str, Any] = {"conference": _news(row, found)}
        if people is not None:
            payload |= self._moves(conference_id, people, started)
        return {name: value for name, value in payload.items() if value}

    def _moves(self, conference_id: str, people: Mapping[str, Json], started: datetime) -> dict[str, Any]:
        here = {
            person.call_control_id: person
            for person in Participant.objects.filter(conference_id=conference_id, left_at=None)
        }
        busy = _busy(conference_id)
        return {
            "joined": {
                leg: people[leg].get("created_at") or started.isoformat() for leg in people if leg not in here
            },
            "left": self._absences.proven(conference_id, set(here) - set(people), started),
            "muted": _turned(people, here, "muted", busy),
            "on_hold": _turned(people, here, "on_hold", busy),
        }


def expire() -> None:
    """End here what is past its limit (Telnyx ends it by itself), for when Telnyx cannot be asked."""
    now = database_now()
    live = Conference.objects.live()
    over = live.filter(expires_at__lt=now - CLOCKS_DIFFER)
    for conference_id, expires_at in over.values_list("pk", "expires_at"):
        ended = {"reason": "time_exceeded", "at": expires_at.isoformat() if expires_at else None}
        with transaction.atomic():
            reads.found("read.conference", {"conference_id": conference_id, "ended": ended}, now)


def _is_ours(found: Json) -> bool:
    """Lists are account-wide; one without a connection id may be anybody's, so it is left to its webhooks."""
    return not settings.TELNYX_CONNECTION_ID or found.get("connection_id") == settings.TELNYX_CONNECTION_ID


def _is_over(found: Json) -> bool:
    return found.get("status") == "completed"


def _news(row: Conference | None, found: Json) -> dict[str, Any]:
    """What Telnyx tells of the conference itself, if the name or the status is news to us."""
    known = row is not None and (row.name, row.status) == (found.get("name"), found.get("status", row.status))
    return {} if known else {name: found[name] for name in _TOLD if found.get(name) is not None}


def _busy(conference_id: str) -> set[str]:
    """Legs that a command is on right now: what a read says of them may be from before or after."""
    open_ones = Command.objects.filter(subject=subject(conference_id), settled_at=None)
    return {leg for command in open_ones for leg in command.legs}


def _turned(
    people: Mapping[str, Json], here: Mapping[str, Participant], flag: str, busy: Iterable[str]
) -> dict[str, bool]:
    """Whose flag is otherwise at Telnyx than here; a new leg's is otherwise if it is set."""
    return {
        leg: bool(person[flag])
        for leg, person in people.items()
        if leg not in busy
        and isinstance(person.get(flag), bool)
        and person[flag] != bool(leg in here and getattr(here[leg], flag))
    }


def _note(conference_id: str, payload: dict[str, Any], started: datetime) -> None:
    Conference.objects.filter(pk=conference_id).update(read_at=started)
    if payload:
        reads.found("read.conference", {"conference_id": conference_id, **payload}, started)
