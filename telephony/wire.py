"""One request to Telnyx within a time limit, and what its answer tells about Telnyx itself."""

import json
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from telephony import counts
from telephony.errors import TelnyxError, Unavailable, UnknownOutcome, number_in, refusal

Json = dict[str, Any]
Query = Mapping[str, str | int]

_AT_ONCE = 32
# Raised before a byte of the request left: it surely had no effect.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: httpx.Headers
    body: bytes


class Wire:
    """A thread-safe way to Telnyx that never retries and never follows a redirect.

    `rate_limit_remaining` (requests) and `rate_limit_reset` (seconds) are Telnyx's of the last answer,
    `latency_ms` how long it took, `clock_offset` how many seconds Telnyx's `Date` is ahead of our clock;
    `last_status` its HTTP status; each is None until an answer told it.
    """

    def __init__(self, base_url: str, api_key: str, transport: httpx.BaseTransport | None) -> None:
        self.rate_limit_remaining: int | None = None
        self.rate_limit_reset: float | None = None
        self.latency_ms: int | None = None
        self.clock_offset: float | None = None
        self.last_status: int | None = None
        self._http = httpx.Client(
            base_url=base_url,
            transport=transport,
            follow_redirects=False,
            headers={"Authorization": f"Bearer {api_key}", "User-Agent": "earshot"},
            limits=httpx.Limits(max_connections=_AT_ONCE, keepalive_expiry=30),
        )
        # httpx limits each read, not the whole: a trickling answer would hold the caller for ever.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="telnyx")

    def send(self, method: str, path: str, seconds: float, query: Query, body: Json | None) -> Json:
        """The JSON object of a 2xx answer ({} for 204); raises the errors of `telephony.errors`."""
        answer = self._counted(seconds, method, path, query, body)
        parsed = _parsed(answer.body)
        if not 200 <= answer.status < 300:
            raise refusal(answer.status, answer.headers, parsed)
        if answer.status == 204:
            return {}
        if not isinstance(parsed, dict) or "data" not in parsed:
            raise UnknownOutcome(status=answer.status)
        return parsed

    def _counted(self, seconds: float, method: str, path: str, query: Query, body: Json | None) -> Answer:
        try:
            answer = self._within(seconds, method, path, query, body)
        except TelnyxError:
            counts.REQUESTS.labels(method, "0").inc()
            raise
        counts.REQUESTS.labels(method, str(answer.status)).inc()
        return answer

    def _within(self, seconds: float, method: str, path: str, query: Query, body: Json | None) -> Answer:
        deadline = time.monotonic() + seconds
        future = self._threads.submit(self._exchange, deadline, method, path, query, body)
        try:
            return future.result(seconds)
        except TimeoutError:
            if future.cancel():
                raise Unavailable from None
            raise UnknownOutcome from None
        except _NOT_SENT as fault:
            raise Unavailable from fault
        except httpx.RequestError as fault:
            raise UnknownOutcome from fault

    def _exchange(self, deadline: float, method: str, path: str, query: Query, body: Json | None) -> Answer:
        started = time.monotonic()
        left = max(deadline - started, 0.001)
        # Connecting gets less than the whole, so that "nobody there" is told from "no answer".
        limits = httpx.Timeout(left, connect=0.6 * left, pool=0.6 * left)
        with self._http.stream(method, path, params=query, json=body, timeout=limits) as response:
            self.last_status = response.status_code
            self._note(response.headers, time.monotonic() - started)
            return Answer(response.status_code, response.headers, b"".join(_until(deadline, response)))

    def _note(self, headers: httpx.Headers, took: float) -> None:
        self.latency_ms = round(took * 1000)
        remaining = number_in(headers, "x-ratelimit-remaining")
        if remaining is not None:
            self.rate_limit_remaining = int(remaining)
            self.rate_limit_reset = number_in(headers, "x-ratelimit-reset")
        told = _date(headers.get("date", ""))
        if told is not None:
            self.clock_offset = told - (time.time() - took / 2)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._http.close()


def _until(deadline: float, response: httpx.Response) -> Iterator[bytes]:
    for part in response.iter_bytes():
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long", request=response.request)
        yield part


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _date(header: str) -> float | None:
    try:
        return parsedate_to_datetime(header).timestamp()
    except ValueError:
        return None
