"""The stand-in for nginx: it shares connections, passes over whoever is away, and passes every byte on."""

import http.server
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from tests.support.environment import ROOT
from tests.support.processes import Process, free_port
from tests.support.waiting import eventually


class Echo(http.server.BaseHTTPRequestHandler):
    """Says by which port it came, and what it was sent."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = f"{self.connection.getsockname()[1]} ".encode() + body
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the screen."""


@contextmanager
def web() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def balancer(folder: Path, *ports: int) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "scripts/balancer.py", str(port), *map(str, ports)]
    process = Process(command, folder / "log", {}, folder=ROOT)
    try:
        eventually(lambda: said(f"http://127.0.0.1:{port}") or process.exit_code is not None)
        yield f"http://127.0.0.1:{port}"
        assert "Traceback" not in process.output()
    finally:
        process.end()


def said(url: str, body: bytes = b"") -> bytes:
    """By a connection of its own; nothing when there is none."""
    try:
        return httpx.post(url, content=body, timeout=15).content
    except httpx.TransportError:
        return b""


def test_connections_are_shared_and_whoever_is_away_is_passed_over(tmp_path: Path) -> None:
    with ExitStack() as there:
        first, second = there.enter_context(web()), there.enter_context(web())
        away = free_port()
        ports = {str(one.server_port).encode() for one in (first, second)}
        with balancer(tmp_path, first.server_port, away, second.server_port) as url:
            assert {said(url).strip() for _ in range(6)} == ports
            large = bytes(range(256)) * 8000
            assert said(url, large).partition(b" ")[2] == large
            there.close()
            assert said(url) == b"", "nobody is there"
