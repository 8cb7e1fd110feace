"""A thousand live conferences and ten requests a second to Telnyx: `python -m bench.reads`.

Another program of the account mutes people in the conferences that somebody looks at. Telnyx sends no webhook
for that: only a read tells it. How long until it stands on the page, how long a press takes meanwhile, and
what of Telnyx's limit the reads use?
"""

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import websockets

from bench.places import databases
from bench.posting import percentile
from bench.results import Row, at_most, folder, row, say, timed
from tests.support.earshot import Earshot
from tests.support.prepared import prepare
from tests.support.pressing import person, press
from tests.support.waiting import eventually

MAKERS = 8  # threads
MADE_WITHIN, SHOWN_WITHIN = 180.0, 90.0
PRESS_EVERY = 3.0  # seconds
MUTED = "Unmute everyone"  # on the page of a conference in which everybody is muted
GOAL_FRESH, GOAL_PRESS, GOAL_REFUSED = at_most(20, "s"), at_most(1000, "ms"), at_most(0, "requests")


@dataclass(frozen=True)
class Load:
    """How many conferences, how many of them somebody looks at, and Telnyx's limit."""

    conferences: int = 1000
    watched: int = 10
    limit: int = 600  # requests a minute
    seconds: float = 90.0


@dataclass
class Seen:
    """When each conference was last pushed (monotonic seconds), by its id and whether its caller was muted:
    what else is read of it is no answer to a mute."""

    at: dict[tuple[str, bool], float] = field(default_factory=dict)

    async def listen(self, earshot: Earshot, ids: Sequence[str]) -> None:
        headers = {"cookie": f"sessionid={earshot.sessions['supervisor']}", "origin": earshot.url}
        address = earshot.url.replace("http", "ws", 1) + "/ws/live"
        async with websockets.connect(address, additional_headers=headers, max_size=None) as socket:
            await socket.send(json.dumps({"watch": [f"conference:{one}" for one in ids]}))
            async for text in socket:
                for fragment in json.loads(text).get("fragments", ()):
                    of = fragment["id"].removeprefix("conference-page-")
                    self.at[of, MUTED in (fragment["html"] or "")] = time.monotonic()


def measure(where: Path, asked: Load, engine: str = "PostgreSQL") -> list[Row]:
    """The rows, on a server and a simulator of its own."""
    with ExitStack() as stack:
        database = stack.enter_context(databases(engine, where))("earshot")
        earshot = Earshot(where, database, prepare(database))
        stack.callback(earshot.end)
        made = _conferences(earshot, asked.conferences)
        earshot.simulator.limit(asked.limit)
        earshot.simulator.forget_requests()
        fresh, pressed, seconds = asyncio.run(_watch(earshot, made, asked))
        return _rows(earshot, asked, fresh, pressed, seconds)


def _conferences(earshot: Earshot, count: int) -> list[tuple[str, str]]:
    """So many, each of one caller, everything known here: (id, leg)."""

    def make(number: int) -> tuple[str, str]:
        made, legs = earshot.simulator.conference(f"Claims {number}", f"+1617{5000000 + number}")
        return made, legs[0]

    with ThreadPoolExecutor(MAKERS) as makers:
        made = list(makers.map(make, range(count)))
    known = "select count(*) from conferences_participant where left_at is null"
    eventually(lambda: earshot.rows(known)[0][0] == count, MADE_WITHIN)
    return made


async def _watch(
    earshot: Earshot, made: Sequence[tuple[str, str]], asked: Load
) -> tuple[list[float], list[float], float]:
    """Seconds from each change at Telnyx to the page, seconds of each press, and of the whole."""
    watched, others, seen = made[: asked.watched], made[asked.watched :], Seen()
    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(seen.listen(earshot, [one for one, _ in watched]))
        pressing = tasks.create_task(_press(earshot, others, began + asked.seconds))
        fresh = await _change(earshot, watched, seen, began + asked.seconds)
        pressed = await pressing
        listening.cancel()
    return fresh, pressed, time.monotonic() - began


async def _change(
    earshot: Earshot, watched: Sequence[tuple[str, str]], seen: Seen, end: float
) -> list[float]:
    """Mutes one after another, as another program does, and unmutes them in the next round."""
    async with asyncio.timeout(SHOWN_WITHIN):
        while len({of for of, _ in seen.at}) < len(watched):  # noqa: ASYNC110 (a dictionary tells nobody)
            await asyncio.sleep(0.02)
    took, verbs = list[float](), ["mute", "unmute"]
    for turn, (conference, leg) in enumerate(cycle(watched)):
        if took and time.monotonic() > end:
            break
        verb, at = verbs[turn // len(watched) % 2], time.monotonic()
        path, body = f"/conferences/{conference}/actions/{verb}", {"call_control_ids": [leg]}
        await asyncio.to_thread(earshot.simulator.command, path, body)
        async with asyncio.timeout(SHOWN_WITHIN):
            while seen.at.get(now := (conference, verb == "mute"), 0.0) < at:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        took.append(seen.at[now] - at)
    return took


async def _press(earshot: Earshot, others: Sequence[tuple[str, str]], end: float) -> list[float]:
    """A supervisor mutes somebody else every few seconds; the answer comes once Telnyx has answered."""
    took = list[float]()
    for conference, leg in others:
        if time.monotonic() > end:
            break
        path = f"/conferences/{conference}/people/{await asyncio.to_thread(person, earshot, leg)}/mute"
        began = time.monotonic()
        answer: Any = await asyncio.to_thread(press, earshot, path)
        took.append(time.monotonic() - began)
        assert answer.status_code == 204, answer.text
        await asyncio.sleep(PRESS_EVERY)
    return took


def _rows(
    earshot: Earshot, asked: Load, fresh: Sequence[float], pressed: Sequence[float], seconds: float
) -> list[Row]:
    reads = earshot.simulator.requests(method="GET")
    statuses = [one["status"] for one in [*reads, *earshot.simulator.requests(method="POST")]]
    people = sum(one["path"].endswith("/participants") for one in reads)
    say(
        f"  {len(fresh)} changes and {len(pressed)} presses; all conferences once in "
        f"{asked.conferences * seconds / max(people, 1):.0f} s at this pace"
    )
    name = f"{asked.conferences:,} live conferences, {asked.limit / 60:g} requests/s: {{}}"
    return [
        row(
            name.format("p99 until what only a read tells is on a watched page"),
            [percentile(fresh, 99) / 1000],
            "s",
            goal=GOAL_FRESH,
        ),
        row(name.format("p99 of a press meanwhile"), [percentile(pressed, 99)], "ms", goal=GOAL_PRESS),
        row(name.format("answered 429"), [statuses.count(429)], "requests", goal=GOAL_REFUSED),
        row(name.format("reads"), [len(reads) / seconds], "requests/s"),
    ]


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m bench.reads", description="Reads within a limit.")
    reader.add_argument("--conferences", type=int, default=Load.conferences, help="live at once (1000)")
    reader.add_argument("--seconds", type=float, default=Load.seconds, help="of changes and presses (90)")
    asked = reader.parse_args()
    load = Load(conferences=min(asked.conferences, 5000), seconds=min(asked.seconds, 600))
    with folder() as one:
        timed("Reads within the limit", lambda: measure(one, load), 350)


if __name__ == "__main__":
    main()
