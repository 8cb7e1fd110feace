"""What webhooks lack, read from Telnyx: names, who is there, who is muted or held, what has ended, and how.

A read is compare-and-set: it notes the conference's version before it asks; if that changed meanwhile, what
it found is thrown away. What is otherwise than we thought enters the inbox as one `read.conference` event:

    {"conference_id", "conference": {name, region, …}, "ended": {"reason", "at"}, "closed": {"reason", "by"},
     "joined": {leg: since}, "joining": [leg], "seated": [leg], "left": [leg],
     "described": {leg: {participant_id, end_on_exit, …}}, "muted": {leg: bool}, "on_hold": {leg: bool},
     "doubted": at, "heard": until}

dated by the database's clock at the start of the read, so that a later reply beats it. `joining` are those
among the joined who are on the way, `seated` those who were and are there now. Only a conference that has
ended says how exactly (`closed`): each is read once more after its end. `doubted` and `heard` come from
`conferences.doubts`.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from conferences import proof
from conferences.commands import bump
from conferences.models import Conference, Participant
from conferences.occurrences import described, subject
from dashboard.models import Command
from telephony import reads
from telephony.client import TelnyxClient
from telephony.clock import database_now
from telephony.errors import Invalid, NotFound
from telephony.facts import moment
from telephony.reads import Absences
from telephony.wire import Json

log = logging.getLogger("earshot.worker")

ENDS_READ_AT_ONCE = 10
ENDS_READ_FOR = timedelta(days=1)
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
            # First, because what is open keeps its people out of the differences.
            if people is not None and proof.by_read(conference_id, people, started):
                bump(subject(conference_id))
            payload = self._differences(now, conference_id, found, people, started)
            _note(conference_id, payload, started)
        return True

    def read_ends(self) -> int:
        """Read conferences that ended, newest first, once each; how many requests that took."""
        unread = Conference.objects.filter(
            status=Conference.Status.COMPLETED,
            end_read_at=None,
            forgotten_at=None,
            ended_at__gte=database_now() - ENDS_READ_FOR,
        )
        ids = list(unread.order_by("-ended_at").values_list("pk", flat=True)[:ENDS_READ_AT_ONCE])
        for conference_id in ids:
            self._read_end(conference_id)
        return len(ids)

    def _read_end(self, conference_id: str) -> None:
        started = database_now()
        try:
            found = self._retrieve(conference_id)
        except Invalid as refusal:
            log.warning("Telnyx does not say how a conference ended: %s", refusal.words)
            found = None
        if found is not None and not _is_over(found):
            return  # Telnyx's webhooks are ahead of its lists: ask again
        with transaction.atomic():
            row = Conference.objects.select_for_update().filter(pk=conference_id).first()
            if row is None or row.is_live:
                return
            payload = {"conference": news(row, found), **_closed(row, found)} if found else {}
            _note(conference_id, {name: value for name, value in payload.items() if value}, started)
            Conference.objects.filter(pk=conference_id).update(end_read_at=started)

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
        found = [person for person in listed if person.get("status") != "left"]
        there = {str(person["call_control_id"]): person for person in found if person.get("call_control_id")}
        for leg in proof.switched(conference_id) & set(there):
            there[leg] = there[leg] | self._participant(conference_id, str(there[leg].get("id") or leg))
        return there

    def _participant(self, conference_id: str, participant_id: str) -> Json:
        """One person alone, which also has the label."""
        try:
            return self.telnyx.retrieve_participant(conference_id, participant_id)
        except NotFound:
            return {}

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
            return {"ended": {"at": (found or {}).get("updated_at")}} | _closed(row, found) if row else {}
        payload: dict[str, Any] = {"conference": news(row, found)}
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
            "joining": [leg for leg in people if leg not in here and _is_joining(people[leg])],
            "seated": [
                leg
                for leg in people
                if leg in here and here[leg].status == "joining" and not _is_joining(people[leg])
            ],
            "left": self._absences.proven(conference_id, set(here) - set(people), started),
            "described": _described(people, here, busy),
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


def _is_joining(person: Json) -> bool:
    return person.get("status") == "joining"


def news(row: Conference | None, found: Json) -> dict[str, Any]:
    """What Telnyx tells of the conference itself, if any of it is news to us; of an end the rest speaks."""
    told = {name: found[name] for name in _TOLD if found.get(name) is not None}
    return {} if row is not None and all(_is_known(row, name, told[name]) for name in told) else told


def _is_known(row: Conference, name: str, told: Any) -> bool:
    if name == "status":
        return not row.is_live or row.status == told
    if name == "created_at":
        return row.created_at is not None  # the webhook's, or an earlier read's
    if name == "expires_at":
        return moment(told) in {None, row.expires_at}
    return bool(getattr(row, name))


def _closed(row: Conference, found: Json | None) -> dict[str, Any]:
    """How it ended and by whom, as far as that is news."""
    if found is None:
        return {}
    reason, by = found.get("end_reason") or "", (found.get("ended_by") or {}).get("call_control_id") or ""
    told = {"reason": reason if reason != row.end_reason else "", "by": by if by != row.ended_by_leg else ""}
    return {"closed": told} if any(told.values()) else {}


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


def _described(
    people: Mapping[str, Json], here: Mapping[str, Participant], busy: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Of each person, what Telnyx says otherwise: identity, exit flags, whom they whisper to."""
    found = {leg: _otherwise(described(people[leg]), here.get(leg)) for leg in people if leg not in busy}
    return {leg: told for leg, told in found.items() if told}


def _otherwise(told: Mapping[str, Any], row: Participant | None) -> dict[str, Any]:
    return {name: value for name, value in told.items() if row is None or getattr(row, name) != value}


def _note(conference_id: str, payload: dict[str, Any], started: datetime) -> None:
    Conference.objects.filter(pk=conference_id).update(read_at=started)
    if payload:
        reads.found("read.conference", {"conference_id": conference_id, **payload}, started)
