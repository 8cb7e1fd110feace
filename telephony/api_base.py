"""The shapes of a request that every operation of `api_*` is one of, and what must never be asked."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

import httpx

from telephony.errors import UnknownOutcome
from telephony.wire import Json, Wire

PAGE_SIZE = 250  # the most that Telnyx gives at once


class Api(Wire):
    """Commands and reads of Telnyx's Voice API v2; `TelnyxClient` is made of it.

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

    def _conference(self, conference_id: str, action: str, /, **body: Any) -> Json:
        return self._command(path_of("conferences", conference_id, "actions", action), body)

    def _call(self, call_control_id: str, action: str, /, **body: Any) -> Json:
        return self._command(path_of("calls", call_control_id, "actions", action), body)

    def _command(self, path: str, body: Mapping[str, Any], method: Literal["POST", "PATCH"] = "POST") -> Json:
        """What Telnyx accepted: mostly {"result": "ok"}, and never more than accepted. None is not sent."""
        return _object(self.send(method, path, self._command_seconds, {}, _body(body)))

    def _delete(self, path: str) -> Json:
        return _object(self.send("DELETE", path, self._command_seconds, {}, None))

    def _read(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        return _object(self.send("GET", path, self._read_seconds, query or {}, None))

    def _list(self, path: str, query: Mapping[str, str] | None = None) -> list[Json]:
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

    def _list_by_cursor(self, path: str) -> list[Json]:
        """Every page of a list that has cursors instead of numbers. A cursor that comes again ends it."""
        found: list[Json] = []
        query: dict[str, str | int] = {"page[limit]": PAGE_SIZE}
        seen: set[str] = set()
        while True:
            answer = self.send("GET", path, self._read_seconds, query, None)
            found += _rows(answer)
            after = _cursor(answer)
            if not after or after in seen:
                return found
            seen.add(after)
            query["page[after]"] = after


# --- what is sent -----------------------------------------------------------------------------------------
def path_of(*parts: str) -> str:
    """Escaped as one part each: queue names have spaces and slashes, call control ids colons and `=`."""
    if any(part in {"", ".", ".."} for part in parts):
        raise ValueError(f"Not a part of a Telnyx address: {parts!r}")
    return "/" + "/".join(quote(part, safe="") for part in parts)


def named(call_control_ids: Iterable[str]) -> list[str]:
    """Telnyx takes an empty list for everybody in the conference, listeners included."""
    names = list(call_control_ids)
    if not names or not all(names):
        raise ValueError("Name the people: to Telnyx, an empty list means everybody.")
    return names


def chosen(call_control_ids: Iterable[str] | None) -> list[str] | None:
    """None is meant as everybody; an empty list is somebody forgotten."""
    return None if call_control_ids is None else named(call_control_ids)


def exclusive(**pair: object) -> None:
    """Of two fields that exclude each other, at most one."""
    if all(value is not None for value in pair.values()):
        raise ValueError(f"Only one of {' and '.join(pair)} may be given.")


def one_of(**choice: object) -> None:
    """Of fields that exclude each other, exactly one."""
    if sum(value is not None for value in choice.values()) != 1:
        raise ValueError(f"Give exactly one of {' and '.join(choice)}.")


def asked(query: Mapping[str, object]) -> dict[str, str]:
    """Parameters of an address, by the whole name that Telnyx has for them. None is not sent."""
    return {name: _text(value) for name, value in query.items() if value is not None}


def _body(fields: Mapping[str, Any]) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- what is answered -------------------------------------------------------------------------------------
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


def _cursor(answer: Json) -> str:
    meta = answer.get("meta")
    cursors = meta.get("cursors") if isinstance(meta, dict) else None
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) else ""
