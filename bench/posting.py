"""The load generator: keep-alive connections that post signed webhooks, as a process of its own.

    python -m bench.posting http://127.0.0.1:8000/webhooks/telnyx --key <base64 of the signing key's seed>

Prints one line of JSON: {"sent", "seconds", "started" (epoch), "statuses": {status: count}, "p50_ms",
"p99_ms"}. Bounded in count and in time, and it posts to this machine only: it is no weapon.

Without --rate each connection posts its next webhook when the last was answered. With --rate they go out at
fixed moments and each latency counts from its moment, so that a server that stalls is not asked more gently.
"""

import argparse
import asyncio
import base64
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from nacl.signing import SigningKey

from bench.script import bodies, day, request

MOST, LONGEST = 500_000, 900.0  # requests and seconds of one run
ANSWER_WITHIN = 30.0


class NotHere(Exception):
    """The address is not on this machine."""


@dataclass
class Outcome:
    """What one run was answered. A status of 0 is a connection that was lost without an answer."""

    sent: int = 0
    seconds: float = 0.0
    started: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    p50_ms: float = 0.0
    p99_ms: float = 0.0


class Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] | None = None
        self._buffer = b""
        self.transport: asyncio.Transport | None = None
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.open = transport, True

    def connection_lost(self, problem: Exception | None) -> None:
        self.open = False
        self._settle(0)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if found and len(rest) >= _length(head):
            self._buffer = b""
            self._settle(int(head.split(b" ", 2)[1]))

    def ask(self, whole: bytes) -> asyncio.Future[int]:
        """Send a request; the future is its answer's status, 0 when the connection ends before it."""
        assert self.transport
        self._answer = asyncio.get_running_loop().create_future()
        if self.open:
            self.transport.write(whole)
        else:
            self._settle(0)
        return self._answer

    def close(self) -> None:
        if self.transport:
            self.transport.close()

    def _settle(self, status: int) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(status)


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


class Poster:
    """Posts to one address over a few connections; opened anew when the server closes one."""

    def __init__(self, url: str) -> None:
        self._host, self._port = address(url)

    async def line(self) -> Line:
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Line, self._host, self._port))[1]

    async def post(self, requests: Sequence[bytes], connections: int, seconds: float, rate: float) -> Outcome:
        """All requests, or as many as are asked within the time. `rate` 0: as fast as they are answered."""
        lines = [await self.line() for _ in range(min(connections, len(requests)))]
        waiting, statuses = enumerate(requests), Counter[int]()
        took: list[float] = []
        started, at = time.time(), time.perf_counter()

        async def work(line: Line) -> None:
            for number, whole in waiting:
                if time.perf_counter() - at > seconds:
                    return
                due = await _wait_for(at + number / rate) if rate else time.perf_counter()
                line = line if line.open else await self.line()
                status = await asyncio.wait_for(line.ask(whole), ANSWER_WITHIN)
                took.append(time.perf_counter() - due)
                statuses[status] += 1
            line.close()

        await asyncio.gather(*map(work, lines))
        spent = time.perf_counter() - at
        return Outcome(len(took), spent, started, dict(statuses), *(percentile(took, p) for p in (50, 99)))


async def _wait_for(moment: float) -> float:
    await asyncio.sleep(max(0.0, moment - time.perf_counter()))
    return moment


def percentile(seconds: Sequence[float], percent: float) -> float:
    """In milliseconds; 0 of nothing."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


def address(url: str) -> tuple[str, int]:
    """Host and port of an http address on this machine. Raises `NotHere` for any other."""
    place = urlsplit(url)
    host = "127.0.0.1" if place.hostname == "localhost" else place.hostname or ""
    try:
        here = place.scheme == "http" and ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise NotHere(f"{url} is not http on this machine (127.0.0.1)")
    return host, place.port or 80


def main() -> None:
    asked = _arguments()
    key = SigningKey(base64.b64decode(asked.key))
    requests = [request(asked.url, body, key) for body in bodies(_lines(asked), min(asked.count, MOST))]
    posting = Poster(asked.url).post(requests, asked.connections, min(asked.seconds, LONGEST), asked.rate)
    sys.stdout.write(json.dumps(asdict(asyncio.run(posting))) + "\n")


def _lines(asked: argparse.Namespace) -> Iterator[tuple[str, dict[str, object]]]:
    return day(asked.run, asked.live)


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m bench.posting", description="Posts signed webhooks.")
    reader.add_argument("url", help="where to, http on this machine")
    reader.add_argument("--key", required=True, help="base64 of the 32 bytes of the signing key's seed")
    reader.add_argument("--count", type=int, default=1000, help="webhooks at most (1000)")
    reader.add_argument("--seconds", type=float, default=30.0, help="seconds at most (30)")
    reader.add_argument("--connections", type=int, default=32, help="connections (32)")
    reader.add_argument("--rate", type=float, default=0.0, help="webhooks a second (0: as fast as answered)")
    reader.add_argument("--live", type=int, default=40, help="calls that go on at once (40)")
    reader.add_argument("--run", default="bench", help="what ids of calls begin with")
    return reader.parse_args()


if __name__ == "__main__":
    main()
