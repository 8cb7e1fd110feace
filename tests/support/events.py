"""Telnyx's events as it posts them."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.support.environment import CONNECTION_ID
from tests.support.signing import sign

WEBHOOK_PATH = "/webhooks/telnyx"


def event(
    event_type: str,
    *,
    at: datetime | str | None = None,
    event_id: str | None = None,
    wrapped: bool = True,
    **payload: Any,
) -> bytes:
    """The body of one delivery. `at` is when it occurred (now when not given).

    `wrapped=False` leaves out `data` and puts the time into the payload, as in `conference.floor.changed`.
    """
    occurred = at if isinstance(at, str) else (at or datetime.now(UTC)).isoformat().replace("+00:00", "Z")
    content: dict[str, Any] = {"connection_id": CONNECTION_ID, "client_state": None} | payload
    envelope: dict[str, Any] = {
        "record_type": "event",
        "event_type": event_type,
        "id": event_id or str(uuid.uuid4()),
        "payload": content if wrapped else content | {"occurred_at": occurred},
    }
    meta = {"meta": {"attempt": 1, "delivered_to": "https://earshot.example/webhooks/telnyx"}}
    if wrapped:
        return json.dumps({"data": envelope | {"occurred_at": occurred}} | meta).encode()
    return json.dumps(envelope | meta).encode()


async def post_webhook(
    client: httpx.AsyncClient, body: bytes, path: str = WEBHOOK_PATH, **headers: str
) -> httpx.Response:
    """Delivers `body`, signed; `headers` are added or put in place of Telnyx's own."""
    return await client.post(path, content=body, headers=sign(body) | headers)
