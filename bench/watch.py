"""Watches any page or socket for what a script of webhooks brings there: `bench.post`'s other half.

    python -m bench.watch http://127.0.0.1:8000/floor/ --mark 'bench-[0-9]+' --seconds 60 > seen.jsonl
    python -m bench.watch ws://127.0.0.1:8000/ws/live --say '{"watch": ["floor"]}' --mark 'bench-[0-9]+' …
    python -m bench.watch --compare posted.jsonl seen.jsonl --mark 'bench-[0-9]+' --event conference.created

Prints a line of JSON whenever a text that fits `--mark` (a regular expression) is there for the first time:
{"at" (epoch seconds), "mark"}. A page is opened in Chromium and looked at after each of its frames, so that
the time is that of the pixels; a socket's time is that of the message. `--header 'Cookie: name=value'` signs
in.

`--compare` says how long after the first webhook that holds a mark it was seen: {"posted" (marks in webhooks,
of one kind with `--event`), "seen", "p50_ms", "p99_ms", "never"}. One that was not seen is no fast one.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from collections.abc import Iterable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urljoin

import websockets
from playwright.sync_api import BrowserContext, sync_playwright

from bench.posting import percentile
from tests.support.browser import FLAGS
from tests.support.processes import program

SCRIPT = (Path(__file__).parent / "watch.js").read_text()
LOOK_EVERY = 50.0  # milliseconds between two looks at whether it is time to end


class Seen:
    """Tells of each mark once."""

    def __init__(self, mark: str, out: TextIO) -> None:
        self._mark, self._out = re.compile(mark), out
        self._known: set[str] = set()

    @property
    def count(self) -> int:
        return len(self._known)

    def note(self, text: str, at: float) -> None:
        for found in (match[0] for match in self._mark.finditer(text)):
            if found not in self._known:
                self._known.add(found)
                self._out.write(json.dumps({"at": at, "mark": found}) + "\n")
                self._out.flush()


def watch_page(asked: argparse.Namespace, seen: Seen) -> None:
    """Until the time is over, or enough was seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        context = browser.new_context()
        _sign_in(context, asked.url, _headers(asked.header))
        page = context.new_page()
        page.expose_function("seenByTheBench", lambda at, mark: seen.note(mark, at / 1000))
        page.add_init_script(f"globalThis.watchedFor = {json.dumps(asked.mark)};\n{SCRIPT}")
        page.goto(asked.url)
        _begin(asked)
        end = time.monotonic() + asked.seconds
        while time.monotonic() < end and seen.count < asked.count:
            page.wait_for_timeout(LOOK_EVERY)
        browser.close()


def _sign_in(context: BrowserContext, url: str, headers: dict[str, str]) -> None:
    """A header of the context would not be on its sockets; a cookie of the whole site is."""
    site, cookies = urljoin(url, "/"), SimpleCookie(headers.pop("Cookie", ""))
    context.add_cookies([{"name": name, "value": one.value, "url": site} for name, one in cookies.items()])
    context.set_extra_http_headers(headers)


async def watch_socket(asked: argparse.Namespace, seen: Seen) -> None:
    connection = websockets.connect(asked.url, additional_headers=_headers(asked.header), max_size=None)
    async with connection as socket:
        for text in asked.say:
            await socket.send(text)
        _begin(asked)
        try:
            async with asyncio.timeout(asked.seconds):
                async for message in socket:
                    seen.note(str(message), time.time())
                    if seen.count >= asked.count:
                        return
        except TimeoutError:
            return


def _begin(asked: argparse.Namespace) -> None:
    sys.stderr.write(f"watching {asked.url}\n")
    sys.stderr.flush()


def compare(
    posted: Iterable[dict[str, Any]], seen: Iterable[dict[str, Any]], mark: str, event: str = ""
) -> dict[str, float]:
    """What `--compare` prints. What stands on the page for another reason, or did before, is not counted."""
    due: dict[str, float] = {}
    for line in sorted(posted, key=lambda line: line["due"]):
        if event in {"", line["event_type"]}:
            for match in re.finditer(mark, line["body"]):
                due.setdefault(match[0], line["due"])
    at = {line["mark"]: line["at"] for line in seen}
    took = [at[one] - moment for one, moment in due.items() if at.get(one, 0.0) >= moment]
    p50, p99 = (round(percentile(took, percent), 1) for percent in (50, 99))
    return {
        "posted": len(due),
        "seen": len(took),
        "p50_ms": p50,
        "p99_ms": p99,
        "never": len(due) - len(took),
    }


def _headers(given: Iterable[str]) -> dict[str, str]:
    return {name.strip().title(): value.strip() for name, _, value in (one.partition(":") for one in given)}


def _lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m bench.watch", description="Watches a page or a socket.")
    reader.add_argument("url", nargs="?", default="", help="http(s):// of a page, ws(s):// of a socket")
    reader.add_argument("--mark", required=True, help="a regular expression of what to look for")
    reader.add_argument("--seconds", type=float, default=60.0, help="how long (60)")
    reader.add_argument("--count", type=int, default=1_000_000, help="end once so many marks were seen")
    reader.add_argument("--header", action="append", default=[], help="'Name: value', such as a cookie")
    reader.add_argument("--say", action="append", default=[], help="what a socket is told first")
    reader.add_argument("--compare", nargs=2, metavar=("POSTED", "SEEN"), help="two files of these commands")
    reader.add_argument("--event", default="", help="with --compare: only webhooks of this kind")
    asked = reader.parse_args()
    if asked.compare:
        posted, seen = map(_lines, asked.compare)
        sys.stdout.write(json.dumps(compare(posted, seen, asked.mark, asked.event)) + "\n")
    elif asked.url.startswith("ws"):
        asyncio.run(watch_socket(asked, Seen(asked.mark, sys.stdout)))
    else:
        watch_page(asked, Seen(asked.mark, sys.stdout))


if __name__ == "__main__":
    main()
