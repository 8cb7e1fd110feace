"""A page in its looks: accessible and no wider than its window, in both themes and at each width.

One visit is seen in all of them, so that the page and what was opened on it are not made anew for each.
"""

import itertools
import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Looks = tuple[tuple[str, int], ...]
LOOKS: Looks = (("light", 1440), ("dark", 1440), ("dark", 800), ("light", 390))
DESKS, PHONE = LOOKS[:3], LOOKS[3:]
PHONES = (("light", 390), ("dark", 390))
HEIGHT = 900
# What a theme can break; everything else was looked at in the other theme of the same width.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# A folder for a picture of each page that is looked at; without it none are taken.
PICTURES = os.environ.get("PICTURES", "")
_numbers = itertools.count(1)
# What fades in is paler than it will be; what turns as long as a command runs has no end.
_APPEARED = """() => document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity).forEach((one) => one.finish())"""


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds on the page as it stands, by all its rules or by those named."""
    page.evaluate(_APPEARED)
    _take_picture(page)
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_axe().axe_script)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = page.evaluate("options => axe.run(document, options).then(({violations}) => violations)", options)
    return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]


def _take_picture(page: Page) -> None:
    """`012-queues-1-390-dark.png`: in the order in which they were looked at, which page, how wide."""
    if not PICTURES:
        return
    which = re.sub(r"\W+", "-", urlsplit(page.url).path).strip("-")
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    wide = page.evaluate("innerWidth")
    name = f"{next(_numbers):03}-{which[:60]}-{wide}-{'dark' if is_dark else 'light'}.png"
    page.screenshot(path=Path(PICTURES) / name)


@cache
def _axe() -> Axe:
    return Axe()


def look(theme: str, width: int) -> dict[str, Any]:
    """Of a window that is to be opened so."""
    return {"color_scheme": theme, "viewport": {"width": width, "height": HEIGHT}}


def flaws(page: Page, looks: Looks = LOOKS) -> list[str]:
    """What is wrong with the page as it stands in each of these looks; it stays in the last."""
    found, widths = [], set[int]()
    for theme, width in looks:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": HEIGHT})
        wrong = violations(page, OF_COLOURS if width in widths else None)
        widths.add(width)
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            wrong.append(f"{wide} px wide")
        found += [f"{theme} {width}: {flaw}" for flaw in wrong]
    return found


def flaws_when_loaded(page: Page, path: str = "") -> list[str]:
    """The same of the page at `path`, loaded at a desk and anew on a phone, where scripts differ."""
    found = []
    for looks in (DESKS, PHONE):
        page.set_viewport_size({"width": looks[0][1], "height": HEIGHT})
        page.goto(path or page.url)
        found += flaws(page, looks)
    return found
