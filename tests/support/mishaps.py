"""Fifty ways in which Telnyx may misbehave, made of what becomes of the first requests and of all others."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import httpx

from tests.support.drawn import ALL
from tests.support.still_telnyx import Asked, Mishap, StillTelnyx

T = TypeVar("T")
TRY_SECONDS = 4.0  # after which we hang up
ENDED_CALL = {"errors": [{"code": "90018", "title": "Call has already ended", "detail": "…"}]}
ENDED_CONFERENCE = {"errors": [{"code": "90019", "title": "Conference has already ended", "detail": "…"}]}
PAGE = b"<html><body><h1>It works!</h1></body></html>"


# --- one request -------------------------------------------------------------------------------------
def answers(status: int, body: Any = None, *, does_it: bool = False, **headers: str) -> Mishap:
    """This status instead of the answer."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body or {"errors": []}).encode()

    def mishap(telnyx: StillTelnyx, request: httpx.Request) -> httpx.Response:
        if does_it:
            telnyx.reach(request)
        return httpx.Response(status, headers=told, content=content)

    return mishap


def breaks(error: Callable[..., httpx.RequestError], *, does_it: bool = False, after: float = 0.0) -> Mishap:
    """No answer, but httpx's error after so many seconds."""

    def mishap(telnyx: StillTelnyx, request: httpx.Request) -> httpx.Response:
        if does_it:
            telnyx.reach(request)
        telnyx.pass_time(after)
        raise error("as planned", request=request)

    return mishap


def late(seconds: float) -> Mishap:
    """No answer in time; it is carried out so many seconds after it was sent."""

    def mishap(telnyx: StillTelnyx, request: httpx.Request) -> httpx.Response:
        telnyx.reach_later(seconds, request)
        telnyx.pass_time(TRY_SECONDS)
        raise httpx.ReadTimeout("as planned", request=request)

    return mishap


def slow(seconds: float) -> Mishap:
    def mishap(telnyx: StillTelnyx, request: httpx.Request) -> httpx.Response:
        telnyx.pass_time(seconds)
        return telnyx.reach(request)

    return mishap


def mangled(change: Callable[[bytes], bytes | httpx.SyncByteStream]) -> Mishap:
    """Carried out, but the body of the answer is not what it was."""

    def mishap(telnyx: StillTelnyx, request: httpx.Request) -> httpx.Response:
        answer = telnyx.reach(request)
        body = change(answer.content)
        if isinstance(body, bytes):
            return httpx.Response(answer.status_code, content=body)
        return httpx.Response(answer.status_code, stream=body)

    return mishap


class Cut(httpx.SyncByteStream):
    """Half of a body; then the connection is gone."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body[: len(self._body) // 2]
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


class Trickle(httpx.SyncByteStream):
    """A byte now and then: no single wait is long, the whole is. It stops when nobody reads on."""

    def __init__(self, body: bytes) -> None:
        self._pause, self._rest = threading.Event(), b" " * 200 + body

    def __iter__(self) -> Iterator[bytes]:
        for byte in self._rest:
            self._pause.wait(0.04)
            yield bytes([byte])


# --- what a fault is -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Fault:
    """`first` is what becomes of the first requests, `ever` of all that follow (None: they go well).

    `webhooks` come at once, 10 s late, or never. With `limit` a real second or less is all that a request
    gets, for what can only be tried in real time.
    """

    name: str
    first: tuple[Mishap, ...] = ()
    ever: Mishap | None = None
    webhooks: Literal["at once", "late", "lost"] = "at once"
    reads_fail: bool = False
    limit: float = TRY_SECONDS
    comes_late: bool = False

    def becomes(self, action: str) -> Callable[[Asked], Mishap | None]:
        """For `StillTelnyx.on_command`: only commands of this action are struck."""
        left = list(self.first)

        def choose(asked: Asked) -> Mishap | None:
            if asked.action != action:
                return None
            return left.pop(0) if left else self.ever

        return choose


def _repeated(name: str, mishap: Mishap) -> list[Fault]:
    return [
        Fault(f"{name} once", (mishap,)),
        Fault(f"{name} twice", (mishap, mishap)),
        Fault(f"{name} for ever", ever=mishap),
    ]


_BUSY = answers(429)
_REFUSED = breaks(httpx.ConnectError)
_RESET, _LOST = breaks(httpx.ReadError), breaks(httpx.ReadError, does_it=True)
_HANGS = breaks(httpx.ReadTimeout, after=TRY_SECONDS)
_LOST_IN_SILENCE = breaks(httpx.ReadTimeout, does_it=True, after=TRY_SECONDS)
_BROKEN = mangled(lambda body: body[: len(body) // 2])

FAULTS: list[Fault] = [
    Fault("429 with reset once", (answers(429, x_ratelimit_reset="2"),)),
    Fault("429 with reset for ever", ever=answers(429, x_ratelimit_reset="3")),
    Fault("429 with a long reset", ever=answers(429, retry_after="20")),
    Fault("429 with a reset beyond the deadline", ever=answers(429, x_ratelimit_reset="60")),
    Fault("429 once", (_BUSY,)),
    Fault("429 for ever", ever=_BUSY),
    *(fault for status in (500, 503) for fault in _repeated(str(status), answers(status))),
    *(Fault(f"{status} once", (answers(status),)) for status in (502, 504)),
    *(
        Fault(f"{status} though it was done", (answers(status, does_it=True),))
        for status in (500, 502, 503, 504)
    ),
    Fault("504 for ever though it was done", (answers(504, does_it=True),), answers(504)),
    Fault("connection refused", (_REFUSED,)),
    Fault("connection refused for ever", ever=_REFUSED),
    Fault("reset before", (_RESET,)),
    Fault("reset before, for ever", ever=_RESET),
    Fault("reset after", (_LOST,)),
    Fault("reset after, for ever", ever=_LOST),
    Fault("hangs", (_HANGS,)),
    Fault("hangs for ever", ever=_HANGS),
    Fault("hangs after it was done", (_LOST_IN_SILENCE,)),
    Fault("hangs after it was done, for ever", ever=_LOST_IN_SILENCE),
    Fault("hangs and is done late", (late(6.0),), comes_late=True),
    Fault("broken JSON", (_BROKEN,)),
    Fault("broken JSON for ever", ever=_BROKEN),
    Fault("truncated", (mangled(Cut),)),
    Fault("trickles", (mangled(Trickle),), limit=0.4),
    Fault("wrong shape", (mangled(lambda body: b'{"data": ["ok"]}'),)),
    Fault("a proxy's page", ever=answers(200, PAGE, content_type="text/html")),
    *(
        Fault(f"redirect {status}", ever=answers(status, location="https://telnyx.test/elsewhere"))
        for status in (301, 302, 307)
    ),
    *(Fault(str(status), ever=answers(status)) for status in (401, 403, 404)),
    Fault("422 call ended", ever=answers(422, ENDED_CALL)),
    Fault("422 conference ended", ever=answers(422, ENDED_CONFERENCE)),
    Fault("slow below the limit", (slow(3.5),)),
    Fault("reply lost, then refused", (_LOST,), answers(401)),
    Fault("reply lost, webhook late", (_LOST_IN_SILENCE,), _HANGS, webhooks="late"),
    Fault("reply and webhook lost", ever=_LOST_IN_SILENCE, webhooks="lost"),
    Fault("webhook lost", webhooks="lost"),
    Fault("reply, webhook and reads lost", ever=_LOST, webhooks="lost", reads_fail=True),
]


def cases(*acts: T) -> list[tuple[Fault, T]]:
    """Every fault with every act if ALL_CASES is set (`make faults`), else each with one act, in turn."""
    if ALL:
        return [(fault, act) for fault in FAULTS for act in acts]
    return [(fault, acts[place % len(acts)]) for place, fault in enumerate(FAULTS)]


def named(value: object) -> str:
    """The name of a case: of the fault, or of the first act."""
    first = value[0] if isinstance(value, tuple) else value
    return str(getattr(first, "name", "") or getattr(first, "verb", ""))
