"""The pretend Telnyx as an ASGI application: `build` makes one, with or without a port."""

from __future__ import annotations

import json
import logging
from collections.abc import MutableMapping
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

import httpx

from simulator import application_api, errors, media, private, recording_files, routes, webhooks
from simulator.clock import Clock, SystemClock
from simulator.faults import Fault, Faults
from simulator.gatekeeper import CommandIds, RateLimit, check_key
from simulator.messages import Reply, Request
from simulator.sending import Receive, Send, cut, hang, read_body, send_reply
from simulator.state import Json, Settings, World, iso
from simulator.traffic import Traffic
from simulator.webhooks import Deliveries, Mischief

log = logging.getLogger(__name__)

REQUESTS_A_MINUTE = 30_000

Scope = MutableMapping[str, Any]


class Simulator:
    """The application. `world` is what is true, `traffic` the script, `deliveries` the way out."""

    def __init__(
        self, world: World, deliveries: Deliveries, traffic: Traffic, faults: Faults, requests_a_minute: int
    ) -> None:
        self.world, self.deliveries, self.traffic, self.faults = world, deliveries, traffic, faults
        self.public_key = ""
        self.rate = RateLimit(world.clock, requests_a_minute)
        self._command_ids = CommandIds(world.clock)

    async def settle(self) -> None:
        """Until every webhook that is in the air has landed (retries and delays come with the clock)."""
        await self.deliveries.settle()

    async def close(self) -> None:
        self.world.timers.freeze()
        await self.deliveries.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        raw_path = scope.get("raw_path") or scope["path"].encode()
        raw = await read_body(receive)
        request = _request(scope, raw_path.decode("ascii", "replace"))
        if raw_path.startswith(b"/_simulator/recordings/"):
            await self._file(request, scope, receive, send)
        elif raw_path.startswith(b"/_simulator/"):
            await send_reply(send, self._private(request, raw))
        else:
            await self._api(request, raw, scope, receive, send)

    def _private(self, request: Request, raw: bytes) -> Reply:
        try:
            request.body = _parsed(raw)
            return private.answer(self, request)
        except errors.Refusal as refusal:
            return Reply(refusal.status, refusal.body())

    async def _file(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        """A recording's file, which faults strike as they strike the API."""
        fault = self.faults.next_for(request)
        if fault is None:
            await recording_files.send_file(self.world, request, send)
        elif fault.kind in ("hang", "late"):
            await hang(receive, self.faults.cleared)
            await cut(scope, send)
        elif fault.kind in ("cut", "cut_after", "broken_json"):
            await cut(scope, send)
        else:
            await send_reply(send, _instead(fault))

    async def _api(self, request: Request, raw: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self.faults.next_for(request)
        if fault is None:
            await self._send(send, self._answered(request, raw))
        elif fault.kind == "cut_after":
            self._answered(request, raw)
            await cut(scope, send)
        elif fault.kind == "late":
            reply = self._answered(request, raw)
            await hang(receive, self.faults.cleared)
            await self._send(send, reply)
        elif fault.kind == "broken_json":
            await self._send(send, _broken(self._answered(request, raw)))
        else:
            await self._fail(fault, request, raw, scope, receive, send)

    async def _fail(
        self, fault: Fault, request: Request, raw: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Before anything takes effect."""
        if fault.kind in ("hang", "cut"):
            self._log(request, raw, None)
            if fault.kind == "hang":
                await hang(receive, self.faults.cleared)
            await cut(scope, send)
        else:
            reply = _instead(fault)
            self._log(request, raw, reply.status)
            await self._send(send, reply)

    async def _send(self, send: Send, reply: Reply) -> None:
        date = formatdate(self.world.clock.now(), usegmt=True)
        await send_reply(
            send, Reply(reply.status, reply.body, self.rate.headers() | {"date": date} | reply.headers)
        )

    def _answered(self, request: Request, raw: bytes) -> Reply:
        try:
            reply = self._obeyed(request, raw)
        except errors.Refusal as refusal:
            reply = Reply(refusal.status, refusal.body())
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            reply = Reply(500, errors.server_error(500).body())
        self._log(request, raw, reply.status)
        return reply

    def _obeyed(self, request: Request, raw: bytes) -> Reply:
        check_key(request, self.world.settings.api_key)
        self.rate.count()
        found = routes.find(request.method, request.path) if request.path.startswith("/v2/") else None
        if found is None:
            raise errors.not_found()
        handler, request.names = found
        request.body = _parsed(raw)
        reply = self._command_ids.earlier(request)
        if reply is None:
            reply = handler(self.world, request)
            self._command_ids.remember(request, reply)
        return reply

    def _log(self, request: Request, raw: bytes, status: int | None) -> None:
        entry = {
            "at": iso(self.world.stamp()),
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "body": _readable(raw),
            "status": status,
        }
        self.world.requests.append(entry)


def _request(scope: Scope, path: str) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return Request(scope["method"], path, query, headers=headers)


def _parsed(raw: bytes) -> Json:
    """No body is taken for `{}`: Telnyx's document asks for one, but says of no refusal without it."""
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except UnicodeDecodeError as fault:
        raise errors.undecodable(fault.start) from fault
    except (ValueError, RecursionError) as fault:
        raise errors.bad_request("The request body is not valid JSON.") from fault
    if not isinstance(body, dict):
        raise errors.bad_request("The request body must be a JSON object.")
    return body


def _readable(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw.strip() else None
    except (ValueError, RecursionError):
        return raw.decode("utf-8", "replace")


def _broken(reply: Reply) -> Reply:
    text = json.dumps(reply.body)
    return Reply(reply.status, text[: len(text) // 2], {"content-type": "application/json"})


def _instead(fault: Fault) -> Reply:
    if fault.kind == "redirect":
        return Reply(302, None, {"location": fault.location})
    if fault.kind == "429":
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(fault.reset)}
        return Reply(429, errors.too_many_requests().body(), headers)
    if fault.kind in ("401", "403"):
        refusal = errors.unauthorized() if fault.kind == "401" else errors.forbidden()
        return Reply(refusal.status, refusal.body())
    status = int(fault.kind)
    return Reply(status, errors.server_error(status).body())


def build(
    webhook_url: str = "http://testserver/webhooks/telnyx",
    *,
    webhook_transport: httpx.AsyncBaseTransport | None = None,
    clock: Clock | None = None,
    mischief: Mischief | None = None,
    webhook_timeout: float = webhooks.TIMEOUT,
    requests_a_minute: int = REQUESTS_A_MINUTE,
    **settings: Any,
) -> Simulator:
    """A pretend Telnyx that needs no port.

    The result is an ASGI application: talk to it by `httpx.AsyncClient(transport=ASGITransport(app=…))`.
    `webhook_transport` is how its webhooks travel: `httpx.ASGITransport(app=the program that is tried)` joins
    the two in one process. With `clock=ManualClock()` time stands still until `clock.advance(seconds)`; then
    `await simulator.settle()` waits for what is in the air. `settings` are those of `state.Settings` (`seed`,
    `api_key`, `connection_id`, `calls_per_minute`, `queue_idle_seconds`, …). Nothing moves by itself until
    `simulator.traffic.start()` or `POST /_simulator/traffic {"running": true}`. Needs a running event loop
    when it is used, not when it is built.

    A connection that is cut (`POST /_simulator/faults`) is closed for real under `python -m simulator`; it is
    an `httpx.RemoteProtocolError` behind `httpx.ASGITransport`, as it is for any client of httpx.
    """
    time = clock or SystemClock()
    chosen = Settings(webhook_url=webhook_url, **settings)
    key = webhooks.signing_key(chosen.seed)
    deliveries = Deliveries(time, key, webhook_transport, mischief, chosen.seed, webhook_timeout)
    world = World(chosen, time, deliveries)
    world.applications[chosen.connection_id] = application_api.open_account(chosen)
    for name in media.STORED:
        media.store(world, name)
    simulator = Simulator(world, deliveries, Traffic(world), Faults(chosen.seed), requests_a_minute)
    simulator.public_key = webhooks.public_key(key)
    return simulator
