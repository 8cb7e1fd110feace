"""Webhooks on their way: signed, tried up to three times, and every delivery remembered."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from nacl.signing import SigningKey

from simulator.clock import Clock
from simulator.state import Json, iso, new_id

ATTEMPTS_AT = (0.0, 2.0, 6.0)
TIMEOUT = 2.0
LONGEST_TIMEOUT = 30.0
MOST_AT_ONCE = 32
MOST_REMEMBERED = 50_000
COULD_NOT_CONNECT = 75001
USER_ID = "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"


def signing_key(seed: int | None) -> SigningKey:
    """The same key for the same seed, so that what is set up with it goes on working after a restart."""
    if seed is None:
        return SigningKey.generate()
    return SigningKey(hashlib.sha256(f"simulator {seed}".encode()).digest())


def public_key(key: SigningKey) -> str:
    return base64.b64encode(bytes(key.verify_key)).decode()


@dataclass(frozen=True)
class Mischief:
    """How the way is disturbed: probabilities of a duplicate and of a loss, seconds of disorder."""

    duplicate: float = 0.0
    drop: float = 0.0
    shuffle: float = 0.0


@dataclass(slots=True)
class Attempt:
    started_at: int
    finished_at: int
    delivered: bool
    status: int | None
    answer: str


@dataclass(slots=True)
class Delivery:
    """One event on its way to one address. `event` is JSON, to keep fifty thousand of them small."""

    id: str
    event: bytes
    event_type: str
    url: str
    started_at: int
    begun: float = 0.0
    finished_at: int = 0
    delivered: bool = False
    attempts: list[Attempt] = field(default_factory=list)


class Deliveries:
    """The way out. Order is kept by chance only: deliveries run side by side, a bounded number at once."""

    def __init__(
        self,
        clock: Clock,
        key: SigningKey,
        transport: httpx.AsyncBaseTransport | None = None,
        mischief: Mischief | None = None,
        seed: int | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._clock, self._key, self._transport = clock, key, transport
        self._mischief, self.timeout = mischief or Mischief(), timeout
        self._dice = random.Random(seed)  # noqa: S311 - dice, not keys
        self._client: httpx.AsyncClient | None = None
        self._gate = asyncio.Semaphore(MOST_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self.waiting = 0
        self.finished: deque[Delivery] = deque(maxlen=MOST_REMEMBERED)

    def send(self, event: Json, url: str, delay: float = 0.0) -> None:
        """Sends it after `delay` wall seconds; never waits and never fails."""
        if self._dice.random() < self._mischief.drop:
            self._lose(self._delivery(event, url))
            return
        self._plan(self._delivery(event, url), delay + self._disorder())
        if self._dice.random() < self._mischief.duplicate:
            later = self._dice.choice((0.0, self._dice.uniform(0.0, 2.0)))
            self._plan(self._delivery(event, url), delay + later + self._disorder())

    async def settle(self) -> None:
        """Until nothing is in the air. Waits for no timer: retries and delays come with the clock."""
        while self._tasks:
            await asyncio.gather(*self._tasks)
            await asyncio.sleep(0)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.aclose()

    def _disorder(self) -> float:
        return self._dice.uniform(0.0, self._mischief.shuffle) if self._mischief.shuffle else 0.0

    def _delivery(self, event: Json, url: str) -> Delivery:
        body = json.dumps(event, separators=(",", ":")).encode()
        return Delivery(new_id(), body, event["event_type"], url, self._now())

    def _lose(self, delivery: Delivery) -> None:
        now = self._now()
        delivery.attempts.append(Attempt(now, now, False, None, "lost"))
        self.waiting += 1
        self._finish(delivery, False)

    def _plan(self, delivery: Delivery, seconds: float) -> None:
        self.waiting += 1
        self._after(seconds, lambda: self._begin(delivery))

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        if seconds > 0:
            self._clock.later(seconds, action)
        else:
            action()

    def _begin(self, delivery: Delivery) -> None:
        if not delivery.attempts:
            delivery.started_at, delivery.begun = self._now(), self._clock.now()
        task = asyncio.get_running_loop().create_task(self._attempt(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt(self, delivery: Delivery) -> None:
        async with self._gate:
            started = self._now()
            status, answer = await self._post(delivery)
        delivered = status is not None and 200 <= status < 300
        delivery.attempts.append(Attempt(started, self._now(), delivered, status, answer))
        made = len(delivery.attempts)
        if delivered or not _worth_retrying(status) or made == len(ATTEMPTS_AT):
            self._finish(delivery, delivered)
        else:
            due = delivery.begun + ATTEMPTS_AT[made]
            self._after(max(due - self._clock.now(), 0.0), lambda: self._begin(delivery))

    async def _post(self, delivery: Delivery) -> tuple[int | None, str]:
        body = _envelope(delivery)
        try:
            async with asyncio.timeout(self.timeout):
                response = await self._http().post(delivery.url, content=body, headers=self._headers(body))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as failure:
            return None, type(failure).__name__
        return response.status_code, response.text[:200]

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                transport=self._transport, timeout=LONGEST_TIMEOUT, follow_redirects=False, trust_env=False
            )
        return self._client

    def _headers(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.now()))
        signature = self._key.sign(timestamp.encode() + b"|" + body).signature
        return {
            "content-type": "application/json",
            "user-agent": "telnyx-webhooks",
            "telnyx-timestamp": timestamp,
            "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
        }

    def _finish(self, delivery: Delivery, delivered: bool) -> None:
        delivery.finished_at, delivery.delivered = self._now(), delivered
        self.finished.append(delivery)
        self.waiting -= 1

    def _now(self) -> int:
        return int(self._clock.now() * 1_000_000)


def _worth_retrying(status: int | None) -> bool:
    return status is None or status in (408, 429) or status >= 500


def _envelope(delivery: Delivery) -> bytes:
    """`data` around every event but `conference.floor.changed`, which Telnyx sends bare (SPEC)."""
    meta = json.dumps({"attempt": len(delivery.attempts) + 1, "delivered_to": delivery.url}).encode()
    if delivery.event_type == "conference.floor.changed":
        return delivery.event[:-1] + b',"meta":' + meta + b"}"
    return b'{"data":' + delivery.event + b',"meta":' + meta + b"}"


def shown(delivery: Delivery) -> Json:
    """As in `GET /v2/webhook_deliveries`."""
    return {
        "id": delivery.id,
        "record_type": "webhook_delivery",
        "user_id": USER_ID,
        "status": _word(delivery.delivered),
        "started_at": iso(delivery.started_at),
        "finished_at": iso(delivery.finished_at),
        "attempts": [_shown_attempt(delivery, attempt) for attempt in reversed(delivery.attempts)],
        "webhook": json.loads(delivery.event),
    }


def _shown_attempt(delivery: Delivery, attempt: Attempt) -> Json:
    request = {"url": delivery.url, "headers": [["content-type", "application/json"]]}
    http: Json = {"request": request}
    if attempt.status is not None:
        http["response"] = {"status": attempt.status, "headers": [], "body": attempt.answer}
    return {
        "status": _word(attempt.delivered),
        "started_at": iso(attempt.started_at),
        "finished_at": iso(attempt.finished_at),
        "http": http,
        "errors": [COULD_NOT_CONNECT] if attempt.status is None else [],
    }


def _word(delivered: bool) -> str:
    return "delivered" if delivered else "failed"
