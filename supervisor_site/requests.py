"""An HTTP request of daphne's with limits of our own, on the way in and on the way out.

The body is counted while it comes. What is sent waits for its reader: daphne would keep in memory whatever
a slow one has not taken yet, and would cut everything off after a minute.
"""

import asyncio
import io
import time
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.web import http

from supervisor_site.handshakes import COME_AGAIN
from supervisor_site.webhooks import BODY_LIMIT as WEBHOOK_LIMIT
from supervisor_site.webhooks import PATHS as WEBHOOK_PATHS

# Twisted's types say less than its objects can do.
HTTPChannel: Any = http.HTTPChannel

BODY_LIMIT = 1024 * 1024
CONTENT_LENGTH_MOST = 20  # characters
LINGER = 2.0  # seconds that a refused sender may go on sending, so that it reads why
STALLED_AFTER = 900.0  # seconds without a byte taken: somebody who pauses a recording may come back


def body_limit(path: bytes) -> int:
    """Bytes that a request to this path may carry; the door's own limit is kept here already."""
    return WEBHOOK_LIMIT if path.partition(b"?")[0].decode("latin-1") in WEBHOOK_PATHS else BODY_LIMIT


class LimitedRequest(WebRequest):  # type: ignore[misc]  # daphne has no types
    """Counts the body while it comes; what is too large or too slow is answered and then discarded."""

    channel: Any  # None once the connection is gone, or a socket's
    error_template = "<!doctype html><title>%(title)s</title><h1>%(title)s</h1><p>%(body)s</p>"

    def __init__(self, channel: Any, queued: bool) -> None:
        self._opened, self._refused = time.monotonic(), 0.0
        self._moved = self._opened
        self.writable = asyncio.Event()
        self.writable.set()
        self._left, self._complete = BODY_LIMIT, False
        # Twisted would parse forms here, of any size, in the loop; Django parses its own.
        super().__init__(channel, queued, parsePOSTFormSubmission=False)

    def gotLength(self, length: int | None) -> None:
        """All headers are there. `length` is None for a chunked body."""
        self.content = io.BytesIO()  # Twisted would open a file in the loop
        self._left = body_limit(self.channel._path)
        if (length or 0) > self._left:
            self._refuse(b"413 Content Too Large")

    def handleContentChunk(self, data: bytes) -> None:
        self._left -= len(data)
        if self._refused:
            return
        if self._left < 0:
            self._refuse(b"413 Content Too Large")
        else:
            self.content.write(data)

    def _refuse(self, status: bytes) -> None:
        """Answer and half-close; closing at once would reset the connection before the answer is read."""
        self._refused = time.monotonic()
        self.content = io.BytesIO()
        self.requestHeaders.removeHeader(b"expect")
        self.transport.write(b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % status)
        self.transport.loseWriteConnection()

    def process(self) -> Any:
        """The body is there to its end."""
        self._complete = True
        if self._refused:
            return self.channel.loseConnection()
        # It would let a client choose under which path Django believes to be mounted.
        self.requestHeaders.removeHeader(b"daphne-root-path")
        if not _is_ascii(self.method, *self.requestHeaders.getRawHeaders(b"sec-websocket-protocol", ())):
            return self.basic_error(400, b"Bad Request", "Invalid characters")
        if self.requestHeaders.hasHeader(b"upgrade"):
            return self.server.handshakes.come(self)
        self.server.unanswered.add(self)
        return super().process()

    def let_in(self) -> None:
        """Its turn in the line of those who ask for a socket."""
        super().process()
        if self.transport is None and not self.finished:  # a socket has it now
            self._let_go()

    def _let_go(self) -> None:
        """Channel and request name each other: for as long as a socket is open only the garbage collector,
        which comes seldom, would end the two."""
        self.channel.requests.remove(self)
        self.channel = None

    def tell_to_come_again(self) -> None:
        headers = [(b"retry-after", b"%d" % COME_AGAIN), (b"content-length", b"0")]
        self.handle_reply({"type": "http.response.start", "status": 503, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": b""})

    def check_timeouts(self) -> None:
        """Called by daphne every 2 s."""
        if self.finished or self.channel is None or self.transport is None:
            return
        now = time.monotonic()
        if self._refused and now - self._refused > LINGER:
            self.transport.abortConnection()
        elif not self._complete and not self._refused and now - self._opened > self.server.receive_within:
            self._refuse(b"408 Request Timeout")
        elif self._complete and not self._response_started:
            super().check_timeouts()
        elif now - self._moved > STALLED_AFTER:
            self.transport.abortConnection()

    # --- on the way out ------------------------------------------------------------------------------
    def handle_reply(self, message: Any) -> None:
        if self.finished or self.channel is None:
            return
        self._moved = time.monotonic()
        self.server.unanswered.discard(self)
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if last and self.producer:
            self.unregisterProducer()
        elif not last and not self.producer:
            self.registerProducer(self, True)
        super().handle_reply(message)

    def handle_exception(self, exception: BaseException) -> None:
        """What broke off in the middle is cut off: a reader must not take it for the whole."""
        if self._response_started and self.channel is not None:
            self.transport.abortConnection()
        elif not self._response_started:
            super().handle_exception(exception)

    def pauseProducing(self) -> None:
        self.writable.clear()

    def resumeProducing(self) -> None:
        self._moved = time.monotonic()
        self.writable.set()

    def stopProducing(self) -> None:
        self.writable.set()

    def connectionLost(self, reason: Any) -> None:
        self.writable.set()
        self.server.handshakes.leave(self)
        self.server.unanswered.discard(self)
        super().connectionLost(reason)


def _is_ascii(*values: bytes) -> bool:
    return all(value.isascii() for value in values)


class LimitedChannel(HTTPChannel):  # type: ignore[misc]
    """One connection. Python reads no number of thousands of digits, and Twisted does not expect that."""

    def headerReceived(self, line: bytes) -> bool:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and len(value) > CONTENT_LENGTH_MOST:
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            self.loseConnection()
            return False
        return bool(super().headerReceived(line))


class LimitedHTTPFactory(HTTPFactory):  # type: ignore[misc]
    protocol = LimitedChannel

    def log(self, request: Any) -> None:
        """Twisted writes a line for each request, to nowhere."""

    def buildProtocol(self, addr: Any) -> Any:
        channel = super().buildProtocol(addr)
        channel.requestFactory = LimitedRequest
        return channel
