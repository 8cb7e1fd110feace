"""Three pages of one supervisor in Chromium: is what they became by pushes what a reload shows, and did they
say so while they were not live?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Error, Page

PATIENCE = 60_000.0  # milliseconds
# Notes each state of the connection as the page tells it.
NOTE_STATES = """
globalThis.statesOfConnection = [];
new MutationObserver(() => statesOfConnection.push(document.documentElement?.dataset.connection))
  .observe(document, { attributes: true, attributeFilter: ["data-connection"], subtree: true });
"""
# The version of each fragment, on the screen and in the page as it is served now.
COMPARE = """async () => {
  const versions = (root) => Object.fromEntries(
    [...root.querySelectorAll("[id][data-version]")].map((one) => [one.id, one.dataset.version]));
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Error(`answered ${answer.status} ${answer.url}`);
  const served = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [versions(document), versions(served), document.documentElement.dataset.connection];
}"""
TAKE_STATES = "() => statesOfConnection.splice(0)"


@dataclass(frozen=True, slots=True)
class Account:
    email: str
    password: str


class Screens:
    """Opened by `paths`, in one window that has signed in."""

    def __init__(self, browser: Browser, url: str, account: Account) -> None:
        self._context = browser.new_context(base_url=url)
        self._context.set_default_timeout(PATIENCE)
        self._context.add_init_script(NOTE_STATES)
        self._pages: list[Page] = []
        self._sign_in(account)

    def open(self, paths: Sequence[str]) -> None:
        for path in paths:
            page = self._context.new_page()
            page.goto(path)
            self._pages.append(page)

    def old(self) -> list[str]:
        """What is otherwise on a screen than in the page served now, and who is not live."""
        return [words for page in self._pages for words in _old(page)]

    def states(self) -> set[str]:
        """What the pages said of their connection since they were last asked."""
        return {state for page in self._pages for state in page.evaluate(TAKE_STATES)}

    def close(self) -> None:
        self._context.close()

    def _sign_in(self, account: Account) -> None:
        page = self._context.new_page()
        page.goto("/accounts/login/")
        page.fill("input[name=login]", account.email)
        page.fill("input[name=password]", account.password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/floor/**")
        page.close()


def _old(page: Page) -> list[str]:
    try:
        shown, served, state = page.evaluate(COMPARE)
    except Error as problem:  # nobody answers
        return [f"{page.url}: {problem.message.splitlines()[0]}"]
    found = [] if state == "live" else [f"{page.url} is {state}"]
    return found + [f"{page.url}: {words}" for words in _differences(shown, served)]


def _differences(shown: dict[str, Any], served: dict[str, Any]) -> list[str]:
    return [
        f"{name} has version {shown.get(name)}, not {served.get(name)}"
        for name in sorted(shown.keys() | served.keys())
        if shown.get(name) != served.get(name)
    ]
