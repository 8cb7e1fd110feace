"""What the door answers to whom, and that nothing wrong is stored."""

import asyncio
import gzip
import json
from typing import Any

import httpx
import pytest
from django.test import override_settings
from nacl.signing import SigningKey

from supervisor_site.webhooks import BODY_LIMIT, Door
from telephony.models import InboxEvent
from tests.support.events import WEBHOOK_PATH, event, post_webhook
from tests.support.signing import sign
from tests.support.waiting import eventually_async

pytestmark = pytest.mark.django_db(transaction=True)
BODY = event("call.hangup", event_id="e1", call_control_id="v3:one")


async def stored() -> list[tuple[str, str]]:
    return [row async for row in InboxEvent.objects.order_by("id").values_list("event_id", "event_type")]


@pytest.mark.parametrize("path", [WEBHOOK_PATH, f"{WEBHOOK_PATH}/"])
async def test_a_signed_event_is_kept_as_it_came(http: httpx.AsyncClient, path: str) -> None:
    answer = await post_webhook(http, BODY, path)
    assert (answer.status_code, answer.text) == (200, "kept\n")
    row = await InboxEvent.objects.aget()
    assert (row.event_id, row.event_type, row.source) == ("e1", "call.hangup", "webhook")
    assert bytes(row.body) == BODY


async def test_a_duplicate_is_taken_and_changes_nothing(http: httpx.AsyncClient) -> None:
    again = BODY.replace(b'"attempt": 1', b'"attempt": 2')
    assert again != BODY
    for body in (BODY, again, BODY):
        assert (await post_webhook(http, body)).status_code == 200
    assert bytes((await InboxEvent.objects.aget()).body) == BODY


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
async def test_only_post(http: httpx.AsyncClient, method: str) -> None:
    answer = await http.request(method, WEBHOOK_PATH, content=BODY, headers=sign(BODY))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert await stored() == []


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", ";"]
)
async def test_only_json(http: httpx.AsyncClient, content_type: str) -> None:
    answer = await post_webhook(http, BODY, **{"content-type": content_type})
    assert answer.status_code == 415
    assert await stored() == []


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json ;charset=utf-8"]
)
async def test_json_with_parameters(http: httpx.AsyncClient, content_type: str) -> None:
    assert (await post_webhook(http, BODY, **{"content-type": content_type})).status_code == 200


async def test_no_content_type_at_all(http: httpx.AsyncClient) -> None:
    headers = sign(BODY)
    del headers["content-type"]
    assert (await http.post(WEBHOOK_PATH, content=BODY, headers=headers)).status_code == 415


async def test_a_body_up_to_the_limit(http: httpx.AsyncClient) -> None:
    padded = BODY[:-1] + b" " * (BODY_LIMIT - len(BODY)) + b"}"
    assert len(padded) == BODY_LIMIT
    assert (await post_webhook(http, padded)).status_code == 200


async def test_a_body_over_the_limit_is_refused_by_its_length_alone(application: Any) -> None:
    async def never() -> dict[str, Any]:
        raise AssertionError("the body was asked for")

    headers = sign(BODY) | {"content-length": str(BODY_LIMIT + 1)}
    assert (await ask(application, headers, never)).status == 413


async def test_a_body_of_unknown_length_is_refused_while_it_comes(application: Any) -> None:
    asked = 0

    async def endless() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 1024, "more_body": True}

    assert (await ask(application, sign(BODY), endless)).status == 413
    assert asked == 257
    assert await stored() == []


async def test_a_body_in_pieces(application: Any) -> None:
    pieces = [BODY[:10], b"", BODY[10:11], BODY[11:]]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    assert (await ask(application, sign(BODY), receive)).status == 200
    assert await stored() == [("e1", "call.hangup")]


async def test_a_sender_who_never_ends_is_told_so() -> None:
    async def stall() -> dict[str, Any]:
        return await asyncio.Future()

    assert (await ask(Door(read_within=0.05), sign(BODY), stall)).status == 408


async def test_a_sender_who_hangs_up_is_not_answered(
    application: Any, caplog: pytest.LogCaptureFixture
) -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": BODY[:10], "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    assert (await ask(application, sign(BODY), receive)).status == 0
    assert await stored() == []
    assert caplog.records == []


async def test_a_sender_who_hangs_up_before_the_answer(
    application: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": BODY}

    async def send(message: Any) -> None:
        raise ConnectionResetError

    await application(scope(sign(BODY)), receive, send)
    assert await stored() == [("e1", "call.hangup")]
    assert caplog.records == []


def unsigned() -> dict[str, dict[str, str]]:
    good = sign(BODY)
    signature = "telnyx-signature-ed25519"
    return {
        "nothing": {"content-type": "application/json"},
        "no signature": {name: text for name, text in good.items() if name != signature},
        "no timestamp": {name: text for name, text in good.items() if name != "telnyx-timestamp"},
        "other key": sign(BODY, key=SigningKey(bytes(32))),
        "other body": sign(BODY + b" "),
        "old": sign(BODY, at=1_700_000_000),
        "not base64": good | {signature: "!" * 88},
        "odd timestamp": good | {"telnyx-timestamp": "1e9"},
        "latin-1": good | {signature: "é" * 88},
    }


@pytest.mark.parametrize("fault", unsigned())
async def test_what_telnyx_did_not_sign(http: httpx.AsyncClient, fault: str) -> None:
    headers = [(name.encode(), text.encode("latin-1")) for name, text in unsigned()[fault].items()]
    answer = await http.post(WEBHOOK_PATH, content=BODY, headers=headers)
    assert (answer.status_code, answer.text) == (403, "not signed by Telnyx\n")
    assert await stored() == []


async def test_refusals_share_one_line_a_second(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    async def refused() -> list[str]:
        await http.post(WEBHOOK_PATH, content=BODY, headers={"content-type": "application/json"})
        return [record.getMessage() for record in caplog.records if record.name == "earshot.door"]

    await eventually_async(refused, 3)
    caplog.clear()
    for _ in range(20):
        await refused()
    (line,) = await eventually_async(refused, 3)
    count, words = line.split(" ", 1)
    assert int(count) > 20
    assert words == "webhooks refused; the last: no timestamp"
    assert all(record.exc_info is None for record in caplog.records)


@pytest.mark.parametrize(
    "body",
    [
        b"{broken",
        b"",
        b"\xff\x00",
        b"[" * 100_000,
        b'{"data": {"id": "e1"}}',
        gzip.compress(BODY),
        b'{"data": {"id": "e1", "event_type": "call.hangup", "payload": [1]}}',
        b'{"data": {"id": "e1", "event_type": "call.hangup", "payload": {"a": NaN}}}',
        json.dumps({"data": {"id": "x" * 300, "event_type": "call.hangup"}}).encode(),
        json.dumps({"data": {"id": "a\0b", "event_type": "call.hangup"}}).encode(),
    ],
)
@pytest.mark.engines
async def test_signed_but_unreadable_is_kept_as_a_dead_letter(http: httpx.AsyncClient, body: bytes) -> None:
    for _ in range(2):
        assert (await post_webhook(http, body)).status_code == 200
    row = await InboxEvent.objects.aget()
    assert (row.state, bytes(row.body)) == ("dead", body)
    assert row.error.startswith("Cannot be read: ")


@override_settings(TELNYX_PUBLIC_KEYS=["not a key"])
async def test_with_a_broken_key_telnyx_shall_come_again(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await post_webhook(http, BODY)).status_code == 503
    assert "public key 1 is not base64" in caplog.text
    assert await stored() == []


async def test_no_redirect_no_cookie(http: httpx.AsyncClient) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["elsewhere.example"]):
        answer = await post_webhook(http, BODY)
    assert (answer.status_code, answer.cookies) == (200, httpx.Cookies())


# --- speaking ASGI by hand, where httpx is too polite ---------------------------------------------------
class Answer:
    """What the application sent; `status` 0 is nothing."""

    def __init__(self) -> None:
        self.status = 0

    async def send(self, message: Any) -> None:
        self.status = message.get("status", self.status)


def scope(headers: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": WEBHOOK_PATH,
        "query_string": b"",
        "scheme": "http",
        "client": ["127.0.0.1", 50000],
        "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
    }


async def ask(application: Any, headers: dict[str, str], receive: Any) -> Answer:
    answer = Answer()
    await asyncio.wait_for(application(scope(headers), receive, answer.send), 5)
    return answer
