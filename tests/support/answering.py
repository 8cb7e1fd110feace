"""Tiny servers that answer as told: one behind httpx's WSGI transport, one on a socket that may misbehave."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx

from telephony.client import TelnyxClient

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BASE = "https://telnyx.test/v2"


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    authorization: str


@dataclass
class Answering:
    """A WSGI application that gives `status`, `headers` and `body` to everybody, and notes who asked what.

    `answer`, when given, makes the body from the request instead.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    answer: Callable[[Asked], Any] | None = None
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        request = _asked(environ)
        self.asked.append(request)
        body = self.answer(request) if self.answer else self.body
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": "application/json", "content-length": str(len(raw))} | self.headers
        reason = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else "Odd"
        start(f"{self.status} {reason}", list(headers.items()))
        return [raw]

    def client(self, **changes: Any) -> TelnyxClient:
        return TelnyxClient(BASE, "KEY-of-the-test", _KeepsEscapes(app=self), **changes)


class _KeepsEscapes(httpx.WSGITransport):
    """WSGI hands applications an unescaped path; what went over the wire travels beside it."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["x-path"] = request.url.raw_path.decode().partition("?")[0]
        return super().handle_request(request)


def _asked(environ: "WSGIEnvironment") -> Asked:
    raw = environ["wsgi.input"].read()
    return Asked(
        method=environ["REQUEST_METHOD"],
        path=environ["HTTP_X_PATH"].removeprefix("/v2"),
        query=parse_qs(environ.get("QUERY_STRING", "")),
        body=json.loads(raw) if raw else None,
        authorization=environ.get("HTTP_AUTHORIZATION", ""),
    )


@contextmanager
def misbehaving(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on a free port whose every connection is handed to `behave`; gives its base address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, behave), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v2"


def _serve(listener: socket.socket, behave: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_handle, args=(connection, behave), daemon=True).start()


def _handle(connection: socket.socket, behave: Callable[[socket.socket], None]) -> None:
    with connection:
        try:
            behave(connection)
        except OSError:
            return
