"""Anything may be posted to the door: it answers, keeps what is signed, and everything behind it lives on.

`make fuzz` does the same with 200,000 deliveries, or with COUNT of them drawn from SEED; half on each engine.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from bench.places import Place, databases
from bench.posting import Line, Poster
from tests.support.events import WEBHOOK_PATH, event
from tests.support.mutations import Delivery, Mutations
from tests.support.prepared import prepare
from tests.support.processes import Process
from tests.support.serving import address, serving
from tests.support.signing import sign
from tests.support.waiting import eventually

COUNT, SEED = int(os.environ.get("FUZZ_COUNT", "800")), int(os.environ.get("FUZZ_SEED", "1"))
CONNECTIONS = 16
GROWS_LESS_THAN = 64  # MiB, after the first fifth
NOTHING_DONE_FOR = 30.0
AGAIN_MOST = 10


@dataclass
class Fuzzed:
    """What was posted: how often each status was answered, which answers were wrong, what must be kept."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[tuple[int, Delivery]] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    seconds: float = 0.0


async def post(url: str, deliveries: Iterator[Delivery], told: Fuzzed) -> None:
    poster, started = Poster(url), time.monotonic()

    async def work() -> None:
        line = await poster.line()
        for delivery in deliveries:
            line = line if line.open else await poster.line()
            status = await _answer(line, delivery, told)
            told.kept |= {delivery.keeps} - {""}
            if status not in delivery.answers:
                told.wrong.append((status, delivery))
            if delivery.last or status not in delivery.answers:
                line = await _another(line, poster)
        line.close()

    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    told.seconds += time.monotonic() - started


async def _answer(line: Line, delivery: Delivery, told: Fuzzed) -> int:
    """As Telnyx: asked to come again, because the machine is too busy to commit in time, it comes again."""
    for _ in range(AGAIN_MOST):
        status = await asyncio.wait_for(line.ask(delivery.whole), 20)
        told.statuses[status] += 1
        if status != 503:
            break
    return status


async def _another(line: Line, poster: Poster) -> Line:
    line.close()
    return await poster.line()


def memory(process: Process) -> float:
    """MiB that the process holds."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@dataclass(frozen=True)
class Running:
    place: Place
    process: Process

    @property
    def url(self) -> str:
        return self.place.url.removesuffix(WEBHOOK_PATH)

    def pages_answer(self, sessions: Mapping[str, str]) -> None:
        """Each page that shows what the mutations made of it."""
        live = json.loads(self.get("/api/floor", sessions["supervisor"]).text)["conferences"]
        assert live, "the mutations left no conference"
        about = [("supervisor", f"/conferences/{quote(one['id'])}/") for one in (live[0], live[-1])]
        for who, path in [*PAGES, *about]:
            answer = self.get(path, sessions[who])
            assert answer.status_code == 200, f"{path} answers {answer.status_code}\n{self.trouble()}"

    def get(self, path: str, session: str) -> httpx.Response:
        cookies = {"sessionid": session}
        return httpx.get(self.url + path, cookies=cookies, timeout=60, follow_redirects=True)

    def trouble(self) -> str:
        """The first traceback in its log, if any."""
        before, found, after = self.process.output().partition("Traceback")
        whole = after.partition("\n20")[0]
        return f"{before[-300:]}{found}{whole[:1000]}\n…\n{whole[-5000:]}" if found else ""


PAGES = [
    *(("supervisor", path) for path in ("/", "/queues/", "/recordings/", "/activity/?days=all")),
    *(("admin", path) for path in ("/health/", "/admin/telephony/inboxevent/")),
]


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    tmp_path.chmod(0o755)
    with databases(request.param, tmp_path) as made:
        database = made("earshot")
        sessions = prepare(database)
        with serving(database, tmp_path) as process:
            place = Place(address(process) + WEBHOOK_PATH, database, process.pid, sessions)
            yield Running(place, process)
            assert process.end() == 0


def test_anything_may_be_posted(running: Running) -> None:
    deliveries, told = islice(iter(Mutations(SEED)), COUNT // 2), Fuzzed()
    asyncio.run(post(running.url, islice(deliveries, COUNT // 10), told))
    warm = memory(running.process)
    asyncio.run(post(running.url, deliveries, told))
    grown = memory(running.process) - warm
    say(f"{sum(told.statuses.values())} deliveries in {told.seconds:.0f} s, answered {dict(told.statuses)}")
    say(f"{len(told.kept)} kept; memory {warm:.0f} MiB after a fifth, {grown:+.1f} MiB since")

    assert not told.wrong, [(status, one.answers, one.whole[:1500]) for status, one in told.wrong[:3]]
    assert set(running.place.event_ids()) == told.kept
    until_projected(running)
    assert not running.trouble(), running.trouble()
    assert grown < GROWS_LESS_THAN
    running.pages_answer(running.place.sessions)
    still_projects(running)


def until_projected(running: Running) -> None:
    """However long it takes on a busy machine: only that nothing is done any more is a fault."""

    def waiting() -> int:
        return running.place.count("state = 'pending'")

    while before := waiting():
        eventually(lambda: waiting() < before, NOTHING_DONE_FOR)


def still_projects(running: Running) -> None:
    body = event("call.enqueued", event_id="at last", call_control_id="v3:at last", queue="At last")
    answer = httpx.post(running.place.url, content=body, headers=sign(body), timeout=10)
    assert answer.status_code == 200
    eventually(lambda: running.place.count("event_id = 'at last' AND state = 'projected'") == 1)


def say(words: str) -> None:
    sys.stdout.write(f"\n{words}\n")
