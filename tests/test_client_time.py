"""A server that does not answer, or answers badly, holds nobody for longer than the limit."""

import socket
import time

import pytest

from telephony.client import TelnyxClient, Unavailable, UnknownOutcome
from tests.support.answering import misbehaving

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
LIMIT = 0.6
SLACK = 2.0  # for a busy machine; the servers here would go on for 5 s


def asked(base: str) -> tuple[BaseException, float]:
    client = TelnyxClient(base, "KEY", command_seconds=LIMIT)
    started = time.monotonic()
    with pytest.raises((UnknownOutcome, Unavailable)) as caught:
        client.mute("c-1", ["a"])
    return caught.value, time.monotonic() - started


def read_request(connection: socket.socket) -> None:
    """All of it: httpx sends a body on its own, which must not be taken for the client's hanging up."""
    request = b""
    while not request.endswith(b"}"):
        part = connection.recv(65536)
        assert part
        request += part


def trickle(connection: socket.socket, head: bytes) -> None:
    read_request(connection)
    connection.sendall(head)
    ended = time.monotonic() + 5
    connection.settimeout(0.05)  # waits for the other side to hang up, and drips while it does not
    while time.monotonic() < ended:
        connection.sendall(b"x")
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            continue


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error, _ = asked(f"http://127.0.0.1:{port}/v2")
    assert isinstance(error, Unavailable)
    assert (error.status, error.words) == (0, "Telnyx cannot be reached")


def test_an_answer_that_never_comes() -> None:
    def hang(connection: socket.socket) -> None:
        read_request(connection)
        connection.settimeout(5)
        connection.recv(1)

    with misbehaving(hang) as base:
        error, took = asked(base)
    assert isinstance(error, UnknownOutcome)
    assert LIMIT - 0.1 < took < LIMIT + SLACK


@pytest.mark.parametrize(
    "head",
    [HEAD + b"x-slow: ", HEAD + b"content-length: 100000\r\n\r\n", HEAD + b"\r\n"],
    ids=["headers", "body", "body without length"],
)
def test_an_answer_that_trickles_is_bounded_as_a_whole(head: bytes) -> None:
    with misbehaving(lambda connection: trickle(connection, head)) as base:
        error, took = asked(base)
    assert isinstance(error, UnknownOutcome)
    assert took < LIMIT + SLACK


@pytest.mark.parametrize(
    "sent",
    [b"", HEAD, HEAD + b"content-length: 50\r\n\r\n{", b"\x00\x01\x02 nonsense\r\n\r\n"],
    ids=["nothing", "headers only", "half a body", "not http"],
)
def test_a_connection_that_is_cut_leaves_the_outcome_open(sent: bytes) -> None:
    def cut(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(sent)

    with misbehaving(cut) as base:
        error, _ = asked(base)
    assert isinstance(error, UnknownOutcome)


def test_a_redirect_is_not_followed() -> None:
    seen: list[bytes] = []

    def redirect(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 307 Away\r\nlocation: /v2/elsewhere\r\ncontent-length: 0\r\n\r\n")

    with misbehaving(redirect) as base:
        error, _ = asked(base)
    assert isinstance(error, UnknownOutcome)
    assert len(seen) == 1
