"""What the server refuses by itself, and that nothing that is sent to it makes a traceback."""

import contextlib
import os
import re
import select
import signal
import socket
import struct
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import websockets
from websockets.sync.client import connect

from supervisor_site.requests import BODY_LIMIT, body_limit
from supervisor_site.webhooks import BODY_LIMIT as WEBHOOK_LIMIT
from tests.support.environment import ROOT, process_environment
from tests.support.processes import Process
from tests.support.waiting import eventually

UPGRADE = "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
VERSION = "Sec-WebSocket-Version: 13\r\n"
PING = b"\x89\x00"


class Served:
    """The toy application behind Earshot's server, in a process of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = process_environment(f"sqlite:///{folder / 'none.sqlite3'}")
        command = [sys.executable, "-m", "tests.support.toy_served", *arguments]
        self.process = Process(command, folder / "log", environment, folder=ROOT)
        self.process.wait_until(lambda: "listening on" in self.output())
        self.port = int(self.output().split("listening on ")[1].split()[0])
        self.url, self.live = f"http://127.0.0.1:{self.port}", f"ws://127.0.0.1:{self.port}/ws"

    def output(self) -> str:
        return self.process.output()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 8)

    def say(self, raw: bytes) -> bytes:
        """Sends as it is, and reads until the server closes or has nothing more to say."""
        with self.connect() as connection:
            connection.sendall(raw)
            return read(connection)


def read(connection: socket.socket, within: float = 8.0) -> bytes:
    connection.settimeout(within)
    heard = b""
    try:
        while part := connection.recv(65536):
            heard += part
            if b"\r\n\r\n" in heard:
                connection.settimeout(0.2)
    except (TimeoutError, ConnectionResetError):
        pass
    return heard


def until_closed(connection: socket.socket) -> bytes:
    connection.settimeout(20)
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            heard += part
    return heard


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("served"))
    yield served
    served.process.end()
    assert "Traceback" not in re.sub(
        r"(?s)Exception inside application: broken on purpose.*?on purpose\n", "", served.output()
    )
    assert served.output().endswith("ended in order\n")


def post(path: str, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: a", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "\r\n"]).encode()


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/webhooks/telnyx", WEBHOOK_LIMIT),
        ("/webhooks/telnyx/", WEBHOOK_LIMIT),
        ("/webhooks/telnyx?a=b", WEBHOOK_LIMIT),
        ("/body", BODY_LIMIT),
        ("/webhooks", BODY_LIMIT),
        ("/\xff", BODY_LIMIT),
    ],
)
def test_limits(path: str, limit: int) -> None:
    assert body_limit(path.encode("latin-1")) == limit


@pytest.mark.parametrize("path", ["/webhooks/telnyx", "/body"])
def test_a_length_over_the_limit_is_refused_before_the_body_is_sent(served: Served, path: str) -> None:
    limit = body_limit(path.encode())
    assert served.say(post(path, f"Content-Length: {limit + 1}")).startswith(b"HTTP/1.1 413 ")
    whole = post(path, f"Content-Length: {limit}") + b"x" * limit
    assert served.say(whole).endswith(b"\r\n%d\r\n0\r\n\r\n" % limit)


def test_no_go_ahead_for_what_is_refused(served: Served) -> None:
    said = served.say(post("/body", "Expect: 100-continue", f"Content-Length: {BODY_LIMIT + 1}"))
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in said
    assert served.say(post("/body", "Expect: 100-continue", "Content-Length: 1")).startswith(b"HTTP/1.1 100 ")


@pytest.mark.parametrize("path", ["/webhooks/telnyx", "/body"])
def test_a_body_without_a_length_is_refused_while_it_comes(served: Served, path: str) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    allowed = body_limit(path.encode()) // 65536
    whole = post(path, "Transfer-Encoding: chunked") + chunk * allowed
    assert served.say(whole + b"0\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert served.say(whole + chunk).startswith(b"HTTP/1.1 413 ")


def test_a_sender_that_goes_on_is_read_so_that_it_reads_why(served: Served) -> None:
    """httpx sends all of it before it reads: a reset would take the answer away."""
    answer = httpx.post(f"{served.url}/webhooks/telnyx", content=b"x" * 3_000_000)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


def test_a_slow_body_is_taken_and_one_too_slow_is_not(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(post("/body", "Content-Length: 20"))
        for _ in range(20):
            connection.sendall(b"x")
            time_for_a_packet()
        assert read(connection).endswith(b"\r\n20\r\n0\r\n\r\n")
    with served.connect() as connection:
        connection.sendall(post("/body", "Content-Length: 20") + b"x")
        assert read(connection).startswith(b"HTTP/1.1 408 ")
    with served.connect() as connection:
        connection.sendall(b"GET /body HTTP/1.1\r\nHost:")
        assert read(connection).startswith(b"HTTP/1.1 408 ")


def time_for_a_packet() -> None:
    """Long enough that the next byte travels alone."""
    before = time.monotonic()
    eventually(lambda: time.monotonic() > before + 0.01)


def test_no_word_about_who_serves(served: Served) -> None:
    good, bad = httpx.get(f"{served.url}/body"), httpx.get(f"{served.url}/broken")
    assert (good.status_code, bad.status_code) == (200, 500)
    for answer in (good, bad):
        assert "server" not in answer.headers
        assert "daphne" not in answer.text.lower()


def test_a_client_may_not_say_where_we_are_mounted(served: Served) -> None:
    answer = httpx.get(f"{served.url}/body", headers={"daphne-root-path": "/elsewhere"})
    assert answer.text == "0"


ODD_REQUESTS = [
    b"\r\n\r\n",
    b"\x00\xff\xfe\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9\r\n\r\n",
    b"GET / HTTP/1.\xff\r\nHost: a\r\n\r\n",
    b"G\xe9T / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /%ff%00?\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\nB\xe4d: a\r\n\r\n",
    b"GET / HTTP/1.1\r\na: \x00\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\ndaphne-root-path: \xff\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 3000 + b"\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=\xff\r\nContent-Length: 3\r\n\r\nabc",
    UPGRADE.encode() + b"\r\n",
    (UPGRADE + KEY + "\r\n").encode(),
    (UPGRADE + VERSION + "\r\n").encode(),
    (UPGRADE + VERSION + "Sec-WebSocket-Key: short\r\n\r\n").encode(),
    (UPGRADE + KEY + "Sec-WebSocket-Version: 99\r\n\r\n").encode(),
    (UPGRADE + KEY + VERSION + "Sec-WebSocket-Protocol: \xff\r\n\r\n").encode("latin-1"),
    (UPGRADE + KEY + VERSION + "Origin: \xff\r\n\r\n").encode("latin-1"),
    (UPGRADE.replace("GET", "POST") + KEY + VERSION + "Content-Length: 1\r\n\r\nx").encode(),
    (UPGRADE.replace("Host: a\r\n", "") + KEY + VERSION + "\r\n").encode(),
]


@pytest.mark.parametrize("number", range(len(ODD_REQUESTS)))
def test_an_odd_request_harms_nobody(served: Served, number: int) -> None:
    """The module's end looks for tracebacks."""
    with served.connect() as connection, contextlib.suppress(OSError):
        connection.sendall(ODD_REQUESTS[number])
        connection.shutdown(socket.SHUT_WR)  # the server may have cut the line by now
        read(connection, 2)
    assert httpx.get(f"{served.url}/body").text == "0"


def test_hanging_up_harms_nobody(served: Served) -> None:
    for raw in (b"GET", post("/body", "Content-Length: 9") + b"x", post("/slow", "Content-Length: 0")):
        connection = served.connect()
        connection.sendall(raw)
        # RST instead of FIN, as a crashed client's system sends it.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    assert httpx.get(f"{served.url}/body").text == "0"


# --- sockets ---------------------------------------------------------------------------------------------
ODD_FRAMES = {
    b"\x81\x02hi": 1002,  # not masked
    b"\xf1\x80" + bytes(4): 1002,  # reserved bits
    b"\x83\x80" + bytes(4): 1002,  # reserved opcode
    b"\x81\x81" + bytes(4) + b"\xff": 1007,  # not UTF-8
    b"\x81\xff" + b"\x00\x00\x00\x01" + bytes(4) + bytes(4): 1009,  # 4 GiB announced
    b"\x81\xfe\xff\xff" + bytes(4): 1009,  # 64 KiB announced
}


@pytest.mark.parametrize("frame", ODD_FRAMES)
def test_an_odd_frame_closes_its_socket_with_a_reason(served: Served, frame: bytes) -> None:
    with served.connect() as connection:
        connection.sendall((UPGRADE + KEY + VERSION + "\r\n").encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
        connection.sendall(frame)
        answer = connection.recv(4096)
    assert answer[0] == 0x88
    assert struct.unpack("!H", answer[2:4])[0] == ODD_FRAMES[frame]


COMPRESSED = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


def ten_million_zeros() -> bytes:
    """One frame of 10 kB."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -9)
    payload = (deflate.compress(bytes(10_000_000)) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    return b"\xc1\xfe" + len(payload).to_bytes(2) + bytes(4) + payload


ODD_COMPRESSED = {
    b"\xc1\x82" + bytes(4) + b"\xff\xff": 1007,  # no such kind of block
    b"\xc9\x80" + bytes(4): 1002,  # a ping is never compressed
    ten_million_zeros(): 1009,
}


@pytest.mark.parametrize("number", range(len(ODD_COMPRESSED)))
def test_an_odd_compressed_frame_closes_its_socket_with_a_reason(served: Served, number: int) -> None:
    frame, code = [*ODD_COMPRESSED.items()][number]
    before = resident_megabytes(served.process.pid)
    with served.connect() as connection:
        connection.sendall((UPGRADE + KEY + VERSION + COMPRESSED + "\r\n").encode())
        assert b"permessage-deflate" in connection.recv(4096)
        connection.sendall(frame)
        answer = connection.recv(4096)
    assert (answer[0], struct.unpack("!H", answer[2:4])[0]) == (0x88, code)
    assert resident_megabytes(served.process.pid) < before + 5


def test_who_answers_no_ping_is_cut_off_and_who_does_stays(tmp_path: Path) -> None:
    """A network that is gone says nothing; browsers answer by themselves."""
    served = Served(tmp_path, "8")  # looked at every 2 s, pinged after 5: a ping always comes first
    try:
        with served.connect() as silent, connect(served.live, ping_interval=None) as answering:
            silent.sendall((UPGRADE + KEY + VERSION + "\r\n").encode())
            heard = until_closed(silent)
            assert heard.endswith(PING)
            answering.send("hello")
            assert answering.recv(5) == "hello"
        assert "Traceback" not in served.output()
    finally:
        served.process.end()


@pytest.mark.parametrize(
    "pong", [b"\x8a\x80" + bytes(4), b"\x8a\x82" + bytes(4) + b"hi"], ids=["empty", "long"]
)
def test_a_pong_may_stand_between_the_parts_of_a_message(served: Served, pong: bytes) -> None:
    with served.connect() as connection:
        connection.sendall((UPGRADE + KEY + VERSION + "\r\n").encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
        for part in (b"\x01\x83" + bytes(4) + b"hel", pong, b"\x80\x82" + bytes(4) + b"lo"):
            connection.sendall(part)
        assert connection.recv(4096) == b"\x81\x05hello"


def test_a_flood_of_messages_closes_its_socket(served: Served) -> None:
    """They come together, faster than any application reads."""
    before = resident_megabytes(served.process.pid)
    with served.connect() as connection:
        connection.sendall((UPGRADE + KEY + VERSION + "\r\n").encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
        with contextlib.suppress(OSError):  # it is cut off before all was sent
            connection.sendall((b"\x81\x81" + bytes(4) + b"x") * 100_000)
        assert b"\x88\x02" + struct.pack("!H", 1008) in read(connection)
    assert resident_megabytes(served.process.pid) < before + 5


def test_a_server_may_close_with_every_code(served: Served) -> None:
    with connect(served.live) as live:
        live.send("hello")
        assert live.recv(5) == "hello"
        live.send("go")
        with pytest.raises(websockets.ConnectionClosed) as closed:
            live.recv(5)
    assert closed.value.rcvd and closed.value.rcvd.code == 1008


def test_sending_waits_for_a_socket_that_does_not_read(served: Served) -> None:
    """The sender is told to wait long before the 500 MB that it would send are in our memory."""
    with served.connect() as connection:
        connection.sendall((UPGRADE + KEY + VERSION + "\r\n").encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
        connection.sendall(b"\x81\x85" + bytes(4) + b"flood")
        found = eventually(lambda: re.search(r"waiting after (\d+) MB", served.output()), 10)
    assert found and int(found[1]) < 20
    assert resident_megabytes(served.process.pid) < 300


def resident_megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_sockets_stand_in_line_and_pages_do_not(tmp_path: Path) -> None:
    """One is open when it has had a message or is gone; then the first in the line is let in."""
    served = Served(tmp_path)
    with ExitStack() as stack:
        opening = [stack.enter_context(connect(served.live)) for _ in range(50)]
        line = []
        for _ in range(3):
            waiting = stack.enter_context(served.connect())
            waiting.sendall((UPGRADE + KEY + VERSION + "\r\n").encode())
            line.append(waiting)
            assert httpx.get(f"{served.url}/body").text == "0"
        refusal = served.say((UPGRADE + KEY + VERSION + "\r\n").encode())
        assert refusal.startswith(b"HTTP/1.1 503 ") and b"retry-after: 2" in refusal.lower()

        assert not readable(line)
        opening[0].send("hello")
        assert opening[0].recv(15) == "hello"
        line[0].settimeout(15)
        assert line[0].recv(4096).startswith(b"HTTP/1.1 101 ")
        opening[1].close()
        line[1].settimeout(15)
        assert line[1].recv(4096).startswith(b"HTTP/1.1 101 ")
        assert not readable(line[2:])
        served.process.send(signal.SIGTERM)
        assert read(line[2], 15).startswith(b"HTTP/1.1 503 ")
    assert eventually(lambda: served.process.exit_code is not None, 30)
    assert served.process.end() == 0
    assert "Traceback" not in served.output()


def readable(connections: list[socket.socket]) -> list[socket.socket]:
    return select.select(connections, [], [], 0)[0]


# --- the end ---------------------------------------------------------------------------------------------
def test_the_end_closes_sockets_and_lets_requests_finish(tmp_path: Path) -> None:
    served = Served(tmp_path)
    with served.connect() as slow, served.connect() as idle, connect(served.live) as live:
        idle.sendall(b"GET /body HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"200" in idle.recv(4096)
        slow.sendall(post("/slow", "Content-Length: 0"))
        eventually(lambda: "slow began" in served.output())
        served.process.send(signal.SIGTERM)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            live.recv(5)
        assert closed.value.rcvd and closed.value.rcvd.code == 1012
        with pytest.raises(OSError):
            served.connect()
        assert served.process.exit_code is None
        answer = read(slow)
    assert answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"\r\n0\r\n0\r\n\r\n")
    assert eventually(lambda: served.process.exit_code is not None, 5)
    assert served.process.end() == 0
    assert served.output().endswith("ended in order\n")


def test_every_socket_is_sent_elsewhere(tmp_path: Path) -> None:
    served = Served(tmp_path)
    with ExitStack() as stack:
        sockets = [stack.enter_context(connect(served.live)) for _ in range(40)]
        served.process.send(signal.SIGTERM)
        for live in sockets:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                live.recv(8)
            assert closed.value.rcvd and closed.value.rcvd.code == 1012
    assert served.process.end() == 0


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    served = Served(tmp_path)
    with served.connect() as slow:
        slow.sendall(post("/slow", "Content-Length: 0"))
        eventually(lambda: "slow began" in served.output())
        served.process.send(signal.SIGTERM)
        eventually(lambda: refuses(served))
        served.process.send(signal.SIGTERM)
        assert eventually(lambda: served.process.exit_code is not None, 5)
        assert read(slow) == b""
    assert "Traceback" not in served.output()


def refuses(served: Served) -> bool:
    try:
        served.connect().close()
    except OSError:
        return True
    return False
