"""Debian's Chromium, steered by Playwright. Each person has a window of their own, signed in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

from tests.support.processes import program

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PATIENCE = 45_000.0  # milliseconds; costs nothing where a page comes right, and others share the cores


@contextmanager
def chromium() -> Iterator[Browser]:
    """Its event loop holds the thread until the end, so no async test may run meanwhile: one per file."""
    path = program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Site(Protocol):
    """A running Earshot: where its pages are (http://host:port), and the session keys of the cast."""

    @property
    def origin(self) -> str: ...
    @property
    def sessions(self) -> Mapping[str, str]: ...


class Windows:
    """Opens windows on one Earshot, and afterwards tells what went wrong in their scripts."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self._site = browser, site
        self._contexts: list[BrowserContext] = []
        self.wrong: list[str] = []
        expect.set_options(timeout=PATIENCE)

    def open(self, path: str = "/floor/", who: str = "supervisor", **context: Any) -> Page:
        """A new window of somebody of the cast; `who=""` is nobody. `context` as Playwright's new_context."""
        opened = self._browser.new_context(base_url=self._site.origin, **context)
        self._contexts.append(opened)
        opened.set_default_timeout(PATIENCE)
        if who:
            key = self._site.sessions[who]
            opened.add_cookies([{"name": "sessionid", "value": key, "url": self._site.origin}])
        page = opened.new_page()
        page.on("pageerror", self._failed)
        page.on("console", self._said)
        page.goto(path)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        assert not self.wrong, "\n".join(self.wrong)

    def _failed(self, error: Error) -> None:
        self.wrong.append(f"script error: {error.message}")

    def _said(self, message: ConsoleMessage) -> None:
        # A refused command is an answer with a status, which Chromium reports as an error too.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(f"console: {message.text}")
