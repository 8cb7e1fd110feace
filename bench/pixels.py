"""From a webhook to the pixels of one browser page with a thousand conferences, while others watch too.

Every fourth change is in a conference that is seen; only those become pixels, so only those are timed.

The page is Debian's Chromium without a graphics card. A small script in it notes, for each row whose version
changed, the moment after the frame in which that was painted; how long each message took to be shown; and how
many frames a second there were while the list was scrolled.
"""

import asyncio
import itertools
import threading
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from bench.places import Place, databases, earshot
from bench.posting import percentile
from bench.results import Row, at_most, row
from bench.standing import Standing, floor_crowd
from tests.support.browser import chromium

RUN = "pixels"
SHOWN_WITHIN = 60.0
SEEN_OF = 4
PATIENCE = 60_000.0  # milliseconds
SCRIPT = (Path(__file__).parent / "pixels.js").read_text()


@dataclass(frozen=True)
class Screen:
    """What the page shows, who else watches, and how it is changed."""

    conferences: int = 1000
    others: int = 99
    rate: float = 200.0
    seconds: float = 5.0
    burst: int = 100
    scrolled: float = 3.0  # seconds, with nothing new and again while rows change
    quiet: float = 3.0  # seconds without a painting, after which nothing more is on its way


def measure(folder: Path, screen: Screen) -> list[Row]:
    """The rows, on PostgreSQL and daphne."""
    with ExitStack() as stack:
        database = stack.enter_context(databases("PostgreSQL", folder))("earshot")
        place = stack.enter_context(earshot(database, folder))
        run = stack.enter_context(_loop())
        standing = Standing(place, RUN, screen.conferences)
        run(standing.open())
        crowd = floor_crowd(place, lambda payload, now: None)
        run(crowd.open(screen.others))
        stack.callback(crowd.close)
        page, live = _opened(stack, place), f"{screen.conferences} live"
        page.wait_for_function(f"document.querySelector('[data-live-count]').textContent === '{live}'")
        return _rows(screen, page, standing, run)


@contextmanager
def _loop() -> Iterator[Any]:
    """An event loop in a thread of its own: Playwright's holds this one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(SHOWN_WITHIN)

    try:
        yield run
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def _opened(stack: ExitStack, place: Place) -> Page:
    # Our own questions to the page are text that is evaluated, which its policy forbids.
    context = stack.enter_context(chromium()).new_context(base_url=place.origin, bypass_csp=True)
    context.set_default_timeout(PATIENCE)
    session = place.sessions["supervisor"]
    context.add_cookies([{"name": "sessionid", "value": session, "url": place.origin}])
    context.add_init_script(SCRIPT)
    page = context.new_page()
    page.goto("/floor/?sort=longest")  # nothing moves by itself
    page.wait_for_selector("html[data-connection=live]")
    return page


def _rows(screen: Screen, page: Page, standing: Standing, run: Any) -> list[Row]:
    name = f"Webhook to pixels, {screen.conferences:,} conferences, {screen.rate:g}/s, {{}}"
    shown = [standing.number(id) for id in page.evaluate("pixels.shown()")]
    page.evaluate("pixels.forget()")
    took = _changed(
        screen, page, standing, run(_stream(standing, shown, int(screen.rate * screen.seconds), screen.rate))
    )
    still = page.evaluate("seconds => pixels.scroll(seconds)", screen.scrolled)
    samples = int(screen.rate * (screen.scrolled + 1))
    streaming = threading.Thread(target=lambda: run(_stream(standing, shown, samples, screen.rate)))
    streaming.start()
    moving = page.evaluate("seconds => pixels.scroll(seconds)", screen.scrolled)
    streaming.join()
    _settled(screen, page, standing)
    spent = _burst(screen, page, standing, run)
    scrolled = f"Frames a second while {screen.conferences:,} conferences are scrolled"
    return [
        row(name.format("p50"), [percentile(took, 50)], "ms", goal=at_most(150, "ms")),
        row(name.format("p99"), [percentile(took, 99)], "ms", goal=at_most(500, "ms")),
        row(scrolled, [still], "/s"),
        row(f"{scrolled} and {screen.rate:g}/s change", [moving], "/s"),
        row(f"A burst of {screen.burst} changes shown on the page", [spent], "ms", goal=at_most(50, "ms")),
    ]


async def _stream(
    standing: Standing, shown: Sequence[int], samples: int, rate: float
) -> dict[str, list[float]]:
    """Posts the changes, each conference in its turn; returns when each of one that is shown was due (epoch
    seconds), by row."""
    due: dict[str, list[float]] = {standing.row(number): [] for number in shown}
    every, seen = itertools.cycle(range(standing.count)), itertools.cycle(shown)
    started = time.time()
    async with asyncio.TaskGroup() as posting:
        for sample in range(samples):
            number, moment = next(seen if shown and sample % SEEN_OF == 0 else every), started + sample / rate
            await asyncio.sleep(max(0.0, moment - time.time()))
            if (id := standing.row(number)) in due:
                due[id].append(moment)
            posting.create_task(standing.change(number))
    return due


def _changed(screen: Screen, page: Page, standing: Standing, due: dict[str, list[float]]) -> list[float]:
    """Seconds from each change to the first painting of its row after it; of what never was, a minute."""
    _settled(screen, page, standing)
    painted: dict[str, list[float]] = page.evaluate("pixels.painted()")
    return [
        next((at / 1000 for at in painted.get(id, []) if at / 1000 >= moment), moment + SHOWN_WITHIN) - moment
        for id, moments in due.items()
        for moment in moments
    ]


def _settled(screen: Screen, page: Page, standing: Standing) -> None:
    """All is projected, and nothing was shown for some seconds: a page that can hardly keep up takes long for
    a message."""
    standing.place.wait_until_projected()
    page.wait_for_function("ms => pixels.quiet(ms)", arg=1000 * screen.quiet)


def _burst(screen: Screen, page: Page, standing: Standing, run: Any) -> float:
    """Milliseconds of script for all messages of the burst, which mostly comes in two or three."""
    page.evaluate("pixels.forget()")
    run(_stream(standing, [], screen.burst, 10_000.0))
    _settled(screen, page, standing)
    spent, rows = page.evaluate("pixels.spent()")
    assert rows >= screen.burst, f"{rows} of {screen.burst} changes came to the page"
    return float(spent)
