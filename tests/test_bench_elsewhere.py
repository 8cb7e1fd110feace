"""`bench.script`, `bench.post` and `bench.watch`: another product measured by the same instrument.

Here the other product is Earshot, known by its addresses alone.
"""

import base64
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bench.places import databases, earshot
from bench.post import check, read_script
from bench.posting import NotHere
from bench.watch import compare
from tests.support.environment import ROOT
from tests.support.signing import KEY

MARK = "elsewhere-[0-9]+"
HERE, THERE = "http://127.0.0.1:8000/webhooks", "https://other.example/webhooks"


def test_what_a_script_brings_is_seen_on_the_page_and_on_the_socket(tmp_path: Path) -> None:
    script, posted = tmp_path / "day.jsonl", tmp_path / "posted.jsonl"
    # Six steps of each of four calls: every conference was created, none has ended.
    script.write_text(tool("script", "--count", "24", "--live", "4", "--rate", "40", "--run", "elsewhere"))
    with ExitStack() as stack:
        database = stack.enter_context(databases("SQLite", tmp_path))
        place = stack.enter_context(earshot(database("earshot"), tmp_path))
        signed_in = ["--header", f"Cookie: sessionid={place.sessions['supervisor']}"]
        asked = [*signed_in, "--header", f"Origin: {place.origin}", "--say", '{"watch": ["floor"]}']
        socket = place.origin.replace("http", "ws", 1) + "/ws/live"
        watchers = [
            stack.enter_context(watcher(tmp_path / "page.jsonl", f"{place.origin}/floor/", *signed_in)),
            stack.enter_context(watcher(tmp_path / "socket.jsonl", socket, *asked)),
        ]
        posted.write_text(
            tool("post", place.url, str(script), "--key", base64.b64encode(bytes(KEY)).decode())
        )
        assert [one.wait(90) for one in watchers] == [0, 0]
    assert [line["status"] for line in lines(posted)] == [200] * 24
    for seen in ("page.jsonl", "socket.jsonl"):
        found = compare(lines(posted), lines(tmp_path / seen), MARK, "conference.created")
        assert (found["posted"], found["seen"], found["never"]) == (4, 4, 0)
        assert 0 < found["p50_ms"] <= found["p99_ms"]


def tool(name: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"bench.{name}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def watcher(out: Path, url: str, *arguments: str) -> subprocess.Popen[str]:
    """One that watches already, and ends once it saw all four."""
    ends = ["--mark", MARK, "--count", "4", "--seconds", "80"]
    command = [sys.executable, "-m", "bench.watch", url, *ends, *arguments]
    with out.open("w") as file:
        started = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.PIPE, text=True)
    assert started.stderr
    assert started.stderr.readline() == f"watching {url}\n"
    return started


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_what_was_never_seen_or_stood_there_before_is_no_fast_one() -> None:
    posted = [
        {"due": 10.0, "event_type": "call.initiated", "body": "run-1"},
        *({"due": 11.0, "event_type": "conference.created", "body": f"run-{n} run-{n}"} for n in (1, 2, 3)),
    ]
    seen = [{"at": 11.5, "mark": "run-1"}, {"at": 2.0, "mark": "run-2"}, {"at": 12.0, "mark": "run-9"}]
    found = compare(posted, seen, "run-[0-9]+", "conference.created")
    assert found == {"posted": 3, "seen": 1, "p50_ms": 500.0, "p99_ms": 500.0, "never": 2}
    assert compare(posted, seen, "run-[0-9]+")["p50_ms"] == 1500.0


def test_another_machine_is_posted_to_with_consent_and_slowly() -> None:
    slow, quick = script(0.025), script(0.01)
    check(HERE, quick, elsewhere=False)
    with pytest.raises(NotHere, match="consent"):
        check(THERE, slow, elsewhere=False)
    check(THERE, slow, elsewhere=True)
    # A quiet end makes no burst slow.
    for fast in (quick, [*quick, *read_script(line(1000))]):
        with pytest.raises(NotHere, match="in a second"):
            check(THERE, fast, elsewhere=True)


def script(gap: float) -> list[Any]:
    return read_script("\n".join(line(number * gap) for number in range(100)))


def line(after: float) -> str:
    return json.dumps({"after": after, "event_type": "call.initiated", "payload": {}})
