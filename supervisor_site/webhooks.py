"""The door: the whole journey of a webhook.

    Telnyx → form (405, 415, 413) → signature (403) → inbox, committed (503 if not within 1.5 s) → 200
           → projected in batches → the pages are poked

Bare ASGI in front of Django: no session, no CSRF, never a redirect. A refusal with 4xx is final for Telnyx,
a 503 is delivered again, and an event id that is in the inbox already changes nothing.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.utils import timezone
from nacl.signing import VerifyKey

import agents.projection
import bridged_calls.projection
import conferences.projection
import queues.projection
import recordings.projection
import supervision.phone_tests_projection
import supervision.projection
import telephony.calls
from dashboard.pokes import poke
from supervisor_site import tally
from supervisor_site.asgi_types import Receive, Scope, Send
from supervisor_site.inbox import BATCH, Full, Pace, Projector, Turns, Writer
from telephony import counts, trace
from telephony.bodies import without_links
from telephony.events import BadKey, NotSigned, Unreadable, identity, parse, read_keys, verify
from telephony.projection import Arrival, Change, Projection, listen, project

log = logging.getLogger("earshot.door")

PATHS = frozenset({"/webhooks/telnyx", "/webhooks/telnyx/"})
BODY_LIMIT = 256 * 1024
READ_WITHIN = 10.0
COMMIT_WITHIN = 1.5  # Telnyx hangs up after 2 s
PROJECTIONS: tuple[Projection, ...] = (
    telephony.calls.project,
    conferences.projection.project,
    queues.projection.project,
    bridged_calls.projection.project,
    recordings.projection.project,
    supervision.projection.project,
    supervision.phone_tests_projection.project,
    agents.projection.project,
)


class Refused(Exception):
    """The answer to a webhook that is not taken in."""

    def __init__(self, status: int, words: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(words)
        self.status, self.words, self.headers = status, words, headers


class Gone(Exception):
    """The sender hung up: nobody is there to be answered."""


class Door:
    """`/webhooks/telnyx`, and the threads behind it, which start with the first request or `start()`."""

    def __init__(self, read_within: float = READ_WITHIN) -> None:
        self._read_within = read_within
        self._turns, self._pace, self._starting = Turns(), Pace(), threading.Lock()
        self._writer: Writer | None = None
        self._projector: Projector | None = None
        self._unsigned = Unsigned()
        listen(self.wake)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            headers = _headers(scope)
            _check_form(scope["method"], headers)
            body = await _read(receive, self._read_within)
            self._check_signature(body, headers)
            await self._keep(_arrival(body))
        except Refused as refused:
            counts.DELIVERIES.labels(str(refused.status)).inc()
            await _answer(send, refused.status, refused.words, *refused.headers)
        except Gone:
            return
        else:
            tally.WEBHOOKS.add()
            counts.DELIVERIES.labels("200").inc()
            await _answer(send, 200, "kept")

    def _check_signature(self, body: bytes, headers: Mapping[str, str]) -> None:
        try:
            verify(body, headers, _keys(tuple(settings.TELNYX_PUBLIC_KEYS)), time.time())
        except NotSigned as fault:
            self._unsigned.note(fault.reason)
            tally.REFUSED.add()
            raise Refused(403, "not signed by Telnyx") from None
        except BadKey as fault:
            # `serve` refuses to start like this; under another server Telnyx shall come again.
            log.error("TELNYX_PUBLIC_KEY: %s", fault)
            raise Refused(503, "cannot verify") from None

    async def _keep(self, arrival: Arrival) -> None:
        try:
            committed = self.start().put(arrival)
        except Full:
            raise _come_again() from None
        # Not asyncio.timeout: when the loop is late it would cancel what is committed by now.
        await asyncio.wait({committed}, timeout=COMMIT_WITHIN)
        if not committed.done():
            raise _come_again()

    def start(self) -> Writer:
        """Start the threads unless they run."""
        with self._starting:
            if self._writer is None:
                self._projector = Projector(self.batches)
                self._projector.start()
                self._writer = Writer(self._turns, self._projector.wake)
                self._writer.start()
            return self._writer

    def stop(self) -> None:
        """Store what has arrived, let the running batch end, and end the threads."""
        with self._starting:
            if self._writer and self._projector:
                self._writer.stop()
                self._projector.stop()
            self._writer = self._projector = None

    def wake(self, give_way: float = 0.0) -> None:
        if self._projector:
            self._projector.wake(give_way)

    def batches(self) -> Iterator[set[Change]]:
        """Project what waits in the inbox, batch by batch, and poke the pages after each."""
        while True:
            limit = self._pace.limit if connection.vendor == "sqlite" else BATCH
            with self._turns.take():
                started = time.monotonic()
                done = project(PROJECTIONS, limit)
            if done.changes:
                poke(done.changes)
            yield done.changes
            if done.events < limit:
                return
            self._pace.took(time.monotonic() - started)


class Unsigned:
    """Says how many webhooks were refused for their signature, in one line a second at most."""

    def __init__(self) -> None:
        self._count, self._said = 0, float("-inf")

    def note(self, reason: str) -> None:
        self._count += 1
        now = time.monotonic()
        if now - self._said >= 1.0:
            log.warning("%d webhooks refused; the last: %s", self._count, reason)
            self._count, self._said = 0, now


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _check_form(method: str, headers: Mapping[str, str]) -> None:
    if method != "POST":
        raise Refused(405, "only POST", (b"allow", b"POST"))
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "only application/json")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > BODY_LIMIT:
        raise _too_large()


def _too_large() -> Refused:
    return Refused(413, "larger than 256 KiB", (b"connection", b"close"))


def _come_again() -> Refused:
    return Refused(503, "not stored yet, come again")


async def _read(receive: Receive, within: float) -> bytes:
    body, more = bytearray(), True
    try:
        async with asyncio.timeout(within):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                body += message.get("body", b"")
                if len(body) > BODY_LIMIT:
                    raise _too_large()
                more = message.get("more_body", False)
    except TimeoutError:
        raise Refused(408, "too slow", (b"connection", b"close")) from None
    return bytes(body)


@lru_cache(maxsize=4)
def _keys(texts: tuple[str, ...]) -> list[VerifyKey]:
    if not texts:
        raise BadKey("no public key is set")
    return read_keys(texts)


def _arrival(body: bytes) -> Arrival:
    """What is signed but cannot be read is kept too, as a dead letter: it would never be sent again."""
    now = timezone.now()
    try:
        event = parse(body, source="webhook", received_at=now)
    except Unreadable as problem:
        named = _named(body)
        with trace.about(event=named[0]):
            log.warning("A signed webhook cannot be read (%s); kept as a dead letter", problem.reason)
        return Arrival(*named, body, now, f"Cannot be read: {problem.reason}")
    return Arrival(event.id, "webhook", event.type, without_links(event.type, body), now)


def _named(body: bytes) -> tuple[str, str, str]:
    event_id, event_type = identity(body)
    return event_id, "webhook", event_type


async def _answer(send: Send, status: int, words: str, *headers: tuple[bytes, bytes]) -> None:
    body = words.encode() + b"\n"
    always = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    with contextlib.suppress(OSError):  # hung up meanwhile
        await send({"type": "http.response.start", "status": status, "headers": [*always, *headers]})
        await send({"type": "http.response.body", "body": body})


door = Door()


def project_now() -> set[Change]:
    """Project everything that waits, in this thread; for the worker and for tests."""
    return set().union(*door.batches())
