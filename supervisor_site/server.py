"""daphne with limits and an ending of our own.

daphne reads a body to its end before anybody may refuse it, buffers without bound for whoever does not
read, and cuts everything off when it is told to end. Here a body is counted while it comes, a request
must be there within 20 s, sockets stand in a line to be opened, sending waits for its reader, and SIGTERM
lets requests finish.
"""

import asyncio
import contextlib
import errno
import signal
import time
from collections.abc import Callable
from typing import Any

from daphne.server import Server, twisted_loop
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import reactor as _reactor
from twisted.internet import tcp
from twisted.internet.error import CannotListenError, ReactorNotRunning
from twisted.logger import LogLevel, STDLibLogObserver, globalLogBeginner

from dashboard.socket import AT_ONCE
from supervisor_site.asgi_types import Application, Message, Scope
from supervisor_site.handshakes import Handshakes
from supervisor_site.health import ending
from supervisor_site.requests import LimitedHTTPFactory
from supervisor_site.text_frames import accept, text_frame

# Twisted's types say less than its objects can do.
reactor: Any = _reactor

RECEIVE_WITHIN = 20.0  # seconds from a request's first line to the end of its body
ANSWER_WITHIN = 60.0
SOCKETS_MOST = 10_000
SOCKET_MESSAGE_LIMIT = 16 * 1024
# Bytes of one socket that are read in one turn of the loop: frames can be tiny, and others come next.
SOCKET_READS = 4096
MESSAGES_WAITING = 100  # of one socket, for the application to read them
DRAIN_WITHIN = 10.0
GIVE_WAY = 0.01  # seconds
SPREAD_WITHIN, SPREAD_EACH = 4.0, 0.004  # seconds for all sockets at the most, and for each of a few
PING_EVERY, SILENT_WITHIN = 5, 25.0  # seconds; whoever answers no ping for so long is gone
GONE = {"disconnected": 0.0}  # what is known of a connection that daphne has forgotten
# A ping of ours, and how a browser's answer to it begins, of six bytes in all: nothing, and its mask.
PING, PONG, PONG_SIZE = b"\x89\x00", b"\x8a\x80", 6
# Close codes: nothing of ours behaves like this; come back, somebody will be there.
NOT_OUR_PAGE, SERVICE_RESTART = 1008, 1012


class CannotListen(Exception):
    """The port cannot be opened; the message is a sentence for the person who started the server."""


class Socket(WebSocketProtocol):  # type: ignore[misc]
    """A websocket whose sender waits while its reader does not read."""

    full: asyncio.Future[None] | None = None  # until the reader has read; None: there is room
    last_ping: float

    def onConnect(self, request: Any) -> Any:
        self._handshakes.begin(self)
        return super().onConnect(request)

    @property
    def _handshakes(self) -> Handshakes:
        handshakes: Handshakes = self.factory.server_class.handshakes
        return handshakes

    def onOpen(self) -> None:
        # The HTTP channel that this connection began as is still registered.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)
        self.transport.bufferSize = SOCKET_READS
        self.heard_at = time.monotonic()
        super().onOpen()
        self._forget_the_handshake()

    def _forget_the_handshake(self) -> None:
        """A page stays for a day; what it asked with, kept thrice, would be a tenth of its socket."""
        self.http_request_data = self.http_response_data = b""
        self.http_headers = self.request.headers = {}
        self.clean_headers: list[tuple[bytes, bytes]] = []

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Messages that come faster than they are read would fill memory: such a sender is shut out."""
        if self.state != self.STATE_OPEN:
            return
        self.heard_at = time.monotonic()
        if self.application_queue.qsize() >= MESSAGES_WAITING:
            self.serverClose(NOT_OUR_PAGE)
        else:
            super().onMessage(payload, isBinary)

    def dataReceived(self, data: bytes) -> None:
        """What a thousand pages send all day is the answer to a ping: it goes past the parser of frames."""
        answer = len(data) == PONG_SIZE and data.startswith(PONG)
        if answer and self.state == self.STATE_OPEN and not self.data and self.current_frame is None:
            self.heard_at = time.monotonic()
        else:
            super().dataReceived(data)

    def onPong(self, payload: bytes) -> None:
        self.heard_at = time.monotonic()

    def check_timeouts(self) -> None:
        """Called by daphne every 2 s. A ping of its own is a timer, a random number and the long way out; of
        a thousand sockets all are due at once, and whoever waits for a change waits for them."""
        if self.state != self.STATE_OPEN:
            super().check_timeouts()
        elif time.monotonic() - self.heard_at > self.server.silent_within:
            self.transport.abortConnection()
        elif time.time() - self.last_ping > self.server.ping_interval:
            self.last_ping = time.time()
            self._put(PING)

    def pauseProducing(self) -> None:
        self.full = self.full or twisted_loop.create_future()

    def resumeProducing(self) -> None:
        full, self.full = self.full, None
        if full and not full.done():
            full.set_result(None)

    stopProducing = resumeProducing

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """Also called for a handshake that never came to be, of which daphne knows nothing."""
        self._handshakes.end(self)
        self.resumeProducing()
        if hasattr(self, "server"):
            super().onClose(wasClean, code, reason)
        self.is_closed = None  # its result is this socket: a ring, which only the garbage collector would end

    def serverSend(self, content: str, binary: bool = False) -> None:
        """autobahn's own sendMessage holds what we send to the limit of what we receive; pages are larger.

        Nothing of ours sends bytes."""
        self._handshakes.end(self)
        if self.state == self.STATE_OPEN:
            self._put(text_frame(content, bool(self.websocket_extensions_in_use)))

    def send_at_once(self, text: str) -> bool:
        """False, and nothing is sent, while its reader has not read what was sent before."""
        if self.state != self.STATE_OPEN or self.full or not self._is_empty():
            return False
        self.serverSend(text)
        return True

    def _is_empty(self) -> bool:
        transport = self.transport
        return not transport._tempDataLen and len(transport.dataBuffer) == transport.offset

    def _put(self, frame: bytes) -> None:
        """To the kernel at once when nothing waits before it, and only the rest through twisted's buffer:
        by way of that, each frame of each socket costs two changes of what epoll watches."""
        if self._is_empty():
            sent = self.transport.writeSomeData(frame)
            frame = frame[sent:] if isinstance(sent, int) else b""  # an exception: the reader finds it too
        if frame:
            self.transport.write(frame)

    def serverClose(self, code: int | None = None) -> None:
        """autobahn's own sendClose refuses 1008, 1011 and 1012, which are a server's to send."""
        self.sendCloseFrame(code=code or 1000)

    def end(self) -> None:
        if self.state == self.STATE_OPEN:
            self.serverClose(SERVICE_RESTART)
        elif hasattr(self, "handshake_deferred"):
            self.serverReject()


class SocketFactory(WebSocketFactory):  # type: ignore[misc]
    protocol = Socket


class EarshotServer(Server):  # type: ignore[misc]
    """One listening port; `listen`, then `run` until SIGTERM or SIGINT."""

    def __init__(
        self,
        application: Application,
        receive_within: float = RECEIVE_WITHIN,
        handshakes: Callable[..., Handshakes] = Handshakes,
        silent_within: float = SILENT_WITHIN,
    ) -> None:
        self.receive_within, self.silent_within = receive_within, silent_within
        self.handshakes, self.unanswered = handshakes(self._soon), set[Any]()
        super().__init__(
            application,
            endpoints=["listen() opens the port"],
            http_timeout=ANSWER_WITHIN,
            websocket_timeout=-1,  # daphne would close each socket after a day; sessions end by themselves
            ping_interval=PING_EVERY,
            server_name="",
        )
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = LimitedHTTPFactory(self)
        self.ws_factory = SocketFactory(self, server="")
        self.ws_factory.setProtocolOptions(
            allowNullOrigin=True,  # origins are the application's to judge
            openHandshakeTimeout=self.websocket_handshake_timeout,
            maxMessagePayloadSize=SOCKET_MESSAGE_LIMIT,
            maxFramePayloadSize=SOCKET_MESSAGE_LIMIT,
            maxConnections=SOCKETS_MOST,
            perMessageCompressionAccept=accept,
            failByDrop=False,  # say why, as for any other close
        )
        self._port: Any = None
        self._draining: asyncio.Task[None] | None = None

    def listen(self, host: str, port: int) -> int:
        """Open the port (0: any free one) and return it. Raises `CannotListen`."""
        try:
            self._port = reactor.listenTCP(port, self.http_factory, interface=host)
        except CannotListenError as problem:
            raise CannotListen(_why(problem, host, port)) from None
        return int(self._port.getHost().port)

    def run(self) -> None:
        """Serve until a signal, then end in good order."""
        _log_what_is_critical()
        asyncio.set_event_loop(twisted_loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            twisted_loop.add_signal_handler(number, self._begin_to_end)
        self.application_checker()
        self.timeout_checker()
        reactor.run(installSignalHandlers=False)

    def create_application(self, protocol: Any, scope: Scope) -> Any:
        if scope["type"] == "websocket":
            scope["extensions"] = {AT_ONCE: {"send": protocol.send_at_once}}
        return super().create_application(protocol, scope)

    def timeout_checker(self) -> None:
        """Called every 2 s."""
        self.handshakes.look()
        super().timeout_checker()

    def _soon(self, act: Callable[[], None]) -> None:
        """The next socket is opened after whatever else has come, and with a pause as long as somebody waits
        for a page or for the answer to a webhook."""
        twisted_loop.call_later(GIVE_WAY if self.unanswered else 0.0, act)

    def _begin_to_end(self) -> None:
        if self._draining is None:
            self._draining = twisted_loop.create_task(self._drain())
        else:  # asked a second time: at once, unless it has just ended
            with contextlib.suppress(ReactorNotRunning):
                self.stop()

    async def _drain(self) -> None:
        """Not ready → no new connections → sockets are sent elsewhere → requests finish → the end."""
        ending.now = True
        self._port.stopListening()
        self.handshakes.close()
        await self._send_elsewhere([one for one in self.connections if isinstance(one, Socket)])
        await _until(lambda: not self._busy(), DRAIN_WITHIN)
        for transport in _open_transports():
            transport.loseConnection()
        await _until(lambda: not _open_transports(), 1.0)
        self.stop()

    async def _send_elsewhere(self, sockets: list[Socket]) -> None:
        """Spread over some seconds: a thousand pages that come at once would find the next process busy."""
        begun, count = twisted_loop.time(), len(sockets)
        for number, socket in enumerate(sockets, start=1):
            socket.end()
            later = begun + min(SPREAD_WITHIN, count * SPREAD_EACH) * number / count - twisted_loop.time()
            if later > 0.01:
                await asyncio.sleep(later)

    def _busy(self) -> bool:
        return any("disconnected" not in details for details in self.connections.values())

    def protocol_disconnected(self, protocol: Any) -> None:
        """Also called late, for one that daphne has forgotten already."""
        if protocol in self.connections:
            super().protocol_disconnected(protocol)

    async def handle_reply(self, protocol: Any, message: Message) -> None:
        """Sending waits for its reader; see `requests` and `Socket`."""
        if message["type"] == "websocket.send":
            if "disconnected" not in self.connections.get(protocol, GONE):
                protocol.serverSend(message["text"])
            if protocol.full:
                await asyncio.shield(protocol.full)
            return
        await super().handle_reply(protocol, message)
        if message["type"] == "http.response.body" and hasattr(protocol, "writable"):
            await protocol.writable.wait()


def _why(problem: CannotListenError, host: str, port: int) -> str:
    cause = problem.socketError
    if getattr(cause, "errno", None) == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use: end what runs there, or choose another with --port."
    return f"Cannot listen on {host}, port {port}: {getattr(cause, 'strerror', None) or cause}."


def _log_what_is_critical() -> None:
    """Twisted tells of every connection; only its failures are worth a line."""
    tell = STDLibLogObserver("twisted")

    def observe(event: dict[str, Any]) -> None:
        if event.get("log_level") == LogLevel.critical:
            tell(event)

    observers: list[Any] = [observe]
    globalLogBeginner.beginLoggingTo(observers, redirectStandardIO=False, discardBuffer=True)


def _open_transports() -> list[Any]:
    selectables = {*reactor.getReaders(), *reactor.getWriters()}
    return [transport for transport in selectables if isinstance(transport, tcp.Server)]


async def _until(check: Callable[[], bool], within: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            while not check():  # noqa: ASYNC110 (daphne's table of connections tells nobody)
                await asyncio.sleep(0.02)
