"""`live_equals_reload`: what a page became by pushes is what a reload would show. It guards every action."""

import asyncio
import difflib
import json
from collections.abc import Awaitable, Callable, Sequence

from channels.db import database_sync_to_async

from tests.support.page import Page, read_message
from tests.support.sites import AtAddress, Site, Socket

# Long enough for a busy machine. A beat cannot repair a forgotten push here: this page never asks again.
WITHIN = 10.0


async def live_equals_reload(
    site: Site,
    session: str,
    path: str,
    act: Callable[[], object],
    *,
    scopes: Sequence[str] | None = None,
    until: Callable[[str], bool] | None = None,
    within: float = WITHIN,
) -> Page:
    """Loads the page, opens its socket, acts; asserts that page + pushes equals the page loaded again.

    `act` may be async; a plain function runs in a thread with a database of its own. `until` tells from the
    reloaded HTML that the act has taken effect; without it, that any fragment changed. `scopes` are those of
    the page's body unless given (a pane has no body). The page that equals the reload is returned.
    """
    page = Page(await site.get(path, session))
    before = page.fragments()
    wanted = list(scopes if scopes is not None else page.scopes)
    assert wanted, f"{path} watches nothing"
    async with site.live(session) as socket:
        await _watch(socket, page, wanted)
        await _settle(site, session, path, socket, page, lambda html: True, within)
        await _perform(site, act)

        def done(html: str) -> bool:
            return Page(html).fragments() != before and (until is None or until(html))

        await _settle(site, session, path, socket, page, done, within)
    assert page.fragments() != before, f"nothing changed on {path}"
    return page


async def _watch(socket: Socket, page: Page, scopes: Sequence[str]) -> None:
    """The pushes begin with a snapshot of each scope."""
    await socket.send(json.dumps({"watch": list(scopes)}))
    missing = set(scopes)
    async with asyncio.timeout(WITHIN):
        while missing:
            message = read_message(await socket.receive())
            page.apply(message)
            if message["type"] == "snapshot":
                missing.discard(message["scope"])


async def _perform(site: Site, act: Callable[[], object]) -> None:
    if asyncio.iscoroutinefunction(act):
        done = await act()
    elif isinstance(site, AtAddress):
        # Another process has the database: a test without one of its own may touch no connection here.
        done = await asyncio.to_thread(act)
    else:
        done = await database_sync_to_async(act)()
    if isinstance(done, Awaitable):
        await done


async def _settle(
    site: Site,
    session: str,
    path: str,
    socket: Socket,
    page: Page,
    done: Callable[[str], bool],
    within: float,
) -> None:
    """Applies pushes until the page equals a reload that is `done`; fails with the difference."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        html = await site.get(path, session)
        await _apply_waiting(socket, page)
        finished, difference = done(html), _difference(page, Page(html))
        if finished and not difference:
            return
        if asyncio.get_running_loop().time() > deadline:
            assert finished, f"{path} never showed what was waited for"
            raise AssertionError(f"{path}: the live page (-) is not what a reload shows (+)\n{difference}")


async def _apply_waiting(socket: Socket, page: Page, pause: float = 0.12) -> None:
    """All that was pushed, until it is quiet for a little longer than the hub's window of 100 ms."""
    while True:
        try:
            async with asyncio.timeout(pause):
                text = await socket.receive()
        except TimeoutError:
            return
        page.apply(read_message(text))


def _difference(live: Page, loaded: Page) -> str:
    return "\n".join(difflib.unified_diff(live.lines(), loaded.lines(), "live", "reload", lineterm="", n=4))
