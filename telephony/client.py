"""What we say to Telnyx: one method per operation of its Voice API, nothing but the request and its answer.

Every method raises, and only raises, what this tree says (each with Telnyx's code, title and detail, the
HTTP status, and `words` for people):

    TelnyxError
    ├── Unauthenticated   401: the API key is wrong
    ├── Forbidden         403: the account may not do this
    ├── NotFound          404: no such call, conference or queue (any more)
    ├── Invalid           400, 422: Telnyx refuses; trying again changes nothing
    ├── RateLimited       429: `reset` seconds to wait
    ├── Unavailable       5xx; or no connection (status 0), then it surely had no effect
    └── UnknownOutcome    sent, but no readable answer (time-out, cut, broken JSON, redirect)

A `ValueError` means that we asked for something that must never be asked. Nothing is retried here.
Reads give Telnyx's own objects (`Json`), lists to their end.
"""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

import httpx
from django.conf import settings

from telephony.errors import (
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    TelnyxError,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from telephony.wire import Json, Wire

__all__ = [
    "Forbidden",
    "Invalid",
    "Json",
    "NotFound",
    "RateLimited",
    "TelnyxClient",
    "TelnyxError",
    "Unauthenticated",
    "Unavailable",
    "UnknownOutcome",
    "client",
    "install",
]

PAGE_SIZE = 250  # the most that Telnyx gives at once
CommandId = UUID | str


class TelnyxClient(Wire):
    """Telnyx's Voice API v2. Thread-safe; one instance per process, from `client()`.

    `command_seconds` and `read_seconds` bound a whole request, from the first byte out to the last byte in.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        transport: httpx.BaseTransport | None = None,
        command_seconds: float = 4.0,
        read_seconds: float = 10.0,
    ) -> None:
        super().__init__(base_url, api_key, transport)
        self._command_seconds, self._read_seconds = command_seconds, read_seconds

    # --- conferences: what is --------------------------------------------------------------------
    def list_conferences(
        self, status: Literal["init", "in_progress", "completed"] | None = None, name: str | None = None
    ) -> list[Json]:
        """GET /conferences: of the whole account, so only those of our connection id are ours."""
        return self._list("/conferences", _filter(status=status, name=name))

    def retrieve_conference(self, conference_id: str) -> Json:
        """GET /conferences/{id}: its name, status, end_reason."""
        return self._read(_path("conferences", conference_id))

    def list_participants(self, conference_id: str) -> list[Json]:
        """GET /conferences/{conference_id}/participants: muted and on_hold, also those who left."""
        return self._list(_path("conferences", conference_id, "participants"))

    # --- conferences: what shall be --------------------------------------------------------------
    def mute(self, conference_id: str, call_control_ids: Sequence[str]) -> Json:
        """POST /conferences/{id}/actions/mute. Announced by no webhook."""
        return self._conference(conference_id, "mute", call_control_ids=_named(call_control_ids))

    def unmute(self, conference_id: str, call_control_ids: Sequence[str]) -> Json:
        """POST /conferences/{id}/actions/unmute. Announced by no webhook."""
        return self._conference(conference_id, "unmute", call_control_ids=_named(call_control_ids))

    def hold(self, conference_id: str, call_control_ids: Sequence[str]) -> Json:
        """POST /conferences/{id}/actions/hold. Announced by no webhook."""
        return self._conference(conference_id, "hold", call_control_ids=_named(call_control_ids))

    def unhold(self, conference_id: str, call_control_ids: Sequence[str]) -> Json:
        """POST /conferences/{id}/actions/unhold. Announced by no webhook."""
        return self._conference(conference_id, "unhold", call_control_ids=_named(call_control_ids))

    def record_start(self, conference_id: str, command_id: CommandId) -> Json:
        """POST /conferences/{id}/actions/record_start. Its answer names no recording."""
        return self._conference(conference_id, "record_start", format="mp3", command_id=str(command_id))

    def record_pause(self, conference_id: str, command_id: CommandId) -> Json:
        """POST /conferences/{id}/actions/record_pause. Announced by no webhook."""
        return self._conference(conference_id, "record_pause", command_id=str(command_id))

    def record_resume(self, conference_id: str, command_id: CommandId) -> Json:
        """POST /conferences/{id}/actions/record_resume. Announced by no webhook."""
        return self._conference(conference_id, "record_resume", command_id=str(command_id))

    def record_stop(self, conference_id: str, command_id: CommandId) -> Json:
        """POST /conferences/{id}/actions/record_stop. conference.recording.saved follows some time after."""
        return self._conference(conference_id, "record_stop", command_id=str(command_id))

    def leave_conference(self, conference_id: str, call_control_id: str, command_id: CommandId) -> Json:
        """POST /conferences/{id}/actions/leave. The leg is parked, not hung up, and goes on costing."""
        return self._conference(
            conference_id, "leave", call_control_id=call_control_id, command_id=str(command_id)
        )

    def end_conference(self, conference_id: str, command_id: CommandId) -> Json:
        """POST /conferences/{id}/actions/end (a UUID, never a name). Hangs everybody up."""
        return self._conference(conference_id, "end", command_id=str(command_id))

    # --- queues ------------------------------------------------------------------------------------
    def list_queues(self) -> list[Json]:
        """GET /queues: an empty queue vanishes from it after a while."""
        return self._list("/queues")

    def retrieve_queue(self, queue_name: str) -> Json:
        """GET /queues/{queue_name}."""
        return self._read(_path("queues", queue_name))

    def list_queue_calls(self, queue_name: str) -> list[Json]:
        """GET /queues/{queue_name}/calls: who waits, with from and to, in order of queue_position."""
        return self._list(_path("queues", queue_name, "calls"))

    # --- calls ---------------------------------------------------------------------------------------
    def retrieve_call(self, call_control_id: str) -> Json:
        """GET /calls/{call_control_id}: is_alive and times, until ten minutes after its end."""
        return self._read(_path("calls", call_control_id))

    def hangup(self, call_control_id: str, command_id: CommandId) -> Json:
        """POST /calls/{call_control_id}/actions/hangup. call.hangup follows."""
        return self._call(call_control_id, "hangup", command_id=str(command_id))

    # --- deliveries ------------------------------------------------------------------------------------
    def list_webhook_deliveries(
        self,
        status: Literal["delivered", "failed"],
        started_since: datetime,
        started_until: datetime | None = None,
    ) -> list[Json]:
        """GET /webhook_deliveries: attempts with the original webhook, from an aware time on."""
        until = {"filter[started_at][lte]": _iso(started_until)} if started_until else {}
        since = {"filter[status][eq]": status, "filter[started_at][gte]": _iso(started_since)}
        return self._list("/webhook_deliveries", since | until)

    # --- the four shapes of a request ----------------------------------------------------------------
    def _conference(self, conference_id: str, action: str, **body: Any) -> Json:
        return self._command(_path("conferences", conference_id, "actions", action), body)

    def _call(self, call_control_id: str, action: str, **body: Any) -> Json:
        return self._command(_path("calls", call_control_id, "actions", action), body)

    def _command(self, path: str, body: Json) -> Json:
        """What Telnyx accepted: mostly {"result": "ok"}, and never more than accepted."""
        return _object(self.send("POST", path, self._command_seconds, {}, body))

    def _read(self, path: str) -> Json:
        return _object(self.send("GET", path, self._read_seconds, {}, None))

    def _list(self, path: str, query: dict[str, str] | None = None) -> list[Json]:
        """Every page; each has the whole time limit. What moves between two pages may be missing or twice."""
        found: list[Json] = []
        number, pages = 1, 1
        while number <= pages:
            page = {"page[number]": number, "page[size]": PAGE_SIZE}
            answer = self.send("GET", path, self._read_seconds, {**(query or {}), **page}, None)
            rows = _rows(answer)
            found += rows
            pages, number = (_pages(answer) if rows else 0), number + 1
        return found


def _path(*parts: str) -> str:
    """Escaped as one part each: queue names have spaces and slashes, call control ids colons and `=`."""
    if any(part in {"", ".", ".."} for part in parts):
        raise ValueError(f"Not a part of a Telnyx address: {parts!r}")
    return "/" + "/".join(quote(part, safe="") for part in parts)


def _named(call_control_ids: Sequence[str]) -> list[str]:
    """Telnyx takes an empty list for everybody in the conference, listeners included."""
    if not call_control_ids or not all(call_control_ids):
        raise ValueError("Name the people: to Telnyx, an empty list means everybody.")
    return list(call_control_ids)


def _filter(**wanted: str | None) -> dict[str, str]:
    return {f"filter[{key}]": value for key, value in wanted.items() if value is not None}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _object(answer: Json) -> Json:
    data = answer.get("data", {})
    if not isinstance(data, dict):
        raise UnknownOutcome(status=200)
    return data


def _rows(answer: Json) -> list[Json]:
    data = answer.get("data")
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise UnknownOutcome(status=200)
    return data


def _pages(answer: Json) -> int:
    meta = answer.get("meta")
    pages = meta.get("total_pages") if isinstance(meta, dict) else None
    return pages if isinstance(pages, int) else 1


# --- this process's client -----------------------------------------------------------------------------
_making = threading.Lock()
_installed: TelnyxClient | None = None


def client() -> TelnyxClient:
    """This process's one client, made from the settings at its first use."""
    global _installed
    with _making:
        if _installed is None:
            _installed = TelnyxClient(settings.TELNYX_BASE_URL, settings.TELNYX_API_KEY)
        return _installed


def install(made: TelnyxClient | None) -> None:
    """Make `client()` give this one (a simulator behind its transport); None: one from the settings again."""
    global _installed
    with _making:
        _installed = made
