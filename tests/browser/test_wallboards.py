"""Wallboards in a real browser: legible, accessible, made by keyboard; a screen that recovers by itself.

`make screens` keeps one open over 30 restarts of the server (or RESTARTS of them) and looks at its memory.
"""

import os
import re
import sys
import time
from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, Page, WebSocketRoute, expect

from tests.browser.test_pages import live
from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.looks import flaws, look, violations
from tests.support.pressing import press
from tests.support.waiting import eventually

RESTARTS = int(os.environ.get("RESTARTS", "3"))
RIGHT_WITHIN = 5.0  # seconds after the server answers again
GROWS_LESS_THAN = 2.0  # MiB of the page's memory, over all restarts
SILENCE = 11_000
QUEUES = ("Returns", "Repairs")
_numbers = iter(range(100, 10_000))


@pytest.fixture(scope="module")
def boards(earshot: Earshot) -> dict[str, str]:
    """The addresses of a wallboard of one queue, large, and of one in rows, in each of the two themes."""
    for queue in QUEUES:
        call(earshot, queue)
    found = "select name, id from queues_queue"
    eventually(lambda: len(earshot.rows(found)) == len(QUEUES))
    ids = dict(earshot.rows(found))
    large: dict[str, Any] = {
        "layout": "large",
        "theme": "dark",
        "shows_callers": "true",
        "queues": [ids["Returns"]],
    }
    large["metrics"] = ["waiting", "longest", "service", "average", "abandoned", "answered"]
    rows: dict[str, Any] = {"layout": "rows", "theme": "light", "queues": [ids[name] for name in QUEUES]}
    rows["metrics"] = large["metrics"][:4]
    made = {}
    for name, fields in (("Large", large), ("Rows", rows)):
        answer = press(earshot, "/wallboards/new/", name=name, **fields)
        made[name] = answer.headers["HX-Redirect"].removesuffix("edit/")
    return made


def call(earshot: Earshot, queue: str) -> None:
    earshot.simulator.call(f"+1617555{next(_numbers):04}", queue=queue)


def on_the_wall(windows: Windows, path: str, width: int = 1920, height: int = 1080, **context: Any) -> Page:
    page = windows.open(path, viewport={"width": width, "height": height}, **context)
    expect(page.locator("html[data-wall=live]")).to_have_count(1)
    return page


def waiting(page: Page) -> Locator:
    return page.locator("[id^=wall-][id$=-waiting] .wall-value").first


def cut(page: Page) -> list[str]:
    """The words that do not fit into their place."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.wall [data-fit], .wall h1')]"
        ".filter(one => one.offsetParent && one.scrollWidth > one.clientWidth + 1)"
        ".map(one => one.textContent)"
    )
    return found


def smallest(page: Page) -> float:
    """The smallest text on the screen, in its pixels."""
    found: float = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.wall *')]"
        ".filter(one => one.offsetParent && !one.closest('.sr') && "
        "[...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))"
        ".map(one => parseFloat(getComputedStyle(one).fontSize)))"
    )
    return found


@pytest.mark.parametrize(
    ("name", "width", "height"), [("Large", 1920, 1080), ("Rows", 1920, 1080), ("Rows", 390, 844)]
)
def test_a_wall_is_legible_and_accessible(
    windows: Windows, boards: dict[str, str], name: str, width: int, height: int
) -> None:
    page = on_the_wall(windows, boards[name], width, height, who="agent")
    expect(page.locator("html")).to_have_attribute("data-awake", "")
    expect(waiting(page)).to_have_text(re.compile(r"\d+"))
    assert violations(page) == []
    assert cut(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1920:
        # 18 mm capitals on a screen of 55 inches; what is too long may be a little smaller.
        assert smallest(page) >= 40 * 0.8
        assert page.evaluate("document.documentElement.scrollHeight") <= height
        expect(page.locator("html[data-still]")).to_have_count(1)


def test_a_wall_says_that_it_is_stale_and_is_right_again(
    windows: Windows, earshot: Earshot, boards: dict[str, str]
) -> None:
    page = windows.open("/queues/", viewport={"width": 1920, "height": 1080})
    is_down, sockets = [False], list[WebSocketRoute]()

    def route(socket: WebSocketRoute) -> None:
        if is_down[0]:
            socket.close(code=1001)
        else:
            socket.connect_to_server()
            sockets.append(socket)

    page.route_web_socket("**/ws/live", route)
    page.clock.install()
    page.goto(boards["Large"])
    expect(page.locator("html[data-wall=live]")).to_have_count(1)
    banner = page.locator("[data-wall-banner]")
    expect(banner).to_be_hidden()
    is_down[0] = True
    sockets[-1].close(code=1001)
    expect(page.locator("html[data-wall=reconnecting]")).to_have_count(1)
    page.clock.run_for(SILENCE)
    expect(banner).to_have_text(
        re.compile(r"^\s*Stale since \d\d:\d\d:\d\d\s*\d+ s without news. These figures are old.")
    )
    expect(page.get_by_text(re.compile(r"^Reconnecting, try \d+$"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Waiting, hour to \d\d:\d\d$"))).to_be_visible()
    expect(page.locator(".wall-body .icon:visible")).to_have_count(0)
    assert violations(page) == []
    before = int(waiting(page).inner_text())
    call(earshot, "Returns")
    is_down[0] = False
    page.clock.run_for(SILENCE)
    expect(waiting(page)).to_have_text(str(before + 1))
    expect(page.locator("html[data-wall=live]")).to_have_count(1)
    expect(banner).to_be_hidden()
    loads: list[Page] = []
    page.on("load", lambda loaded: loads.append(loaded))
    # Other rights, under which it may still be looked at; then again at once, which would be a loop.
    sockets[-1].close(code=4403)
    eventually(lambda: passed(page, 1000) and len(loads) == 1, within=30)
    expect(page.locator("html[data-wall=live]")).to_have_count(1)
    sockets[-1].close(code=4403)
    expect(page.get_by_text(re.compile(r"^This wallboard was taken away at \d\d:\d\d\.$"))).to_be_visible()
    page.clock.run_for(SILENCE)
    assert len(loads) == 1


def test_another_release_is_loaded_once_and_an_old_page_again(
    windows: Windows, boards: dict[str, str]
) -> None:
    page = windows.open("/queues/")
    loads: list[Page] = []
    # As if a process of an older release went on giving out the page, while another one has the socket.
    page.add_init_script(
        "document.addEventListener('readystatechange', () => { document.body.dataset.assets = 'old'; })"
    )
    page.on("load", lambda loaded: loads.append(loaded))
    page.clock.install()
    page.goto(boards["Rows"])
    eventually(lambda: passed(page, 2000) and len(loads) == 2, within=30)
    for _ in range(5):
        expect(page.locator("html[data-wall=live]")).to_have_count(1)
        page.clock.run_for(10_000)
    assert len(loads) == 2
    page.clock.fast_forward("23:00:00")
    # Ten minutes after the first time it may try again, once.
    eventually(lambda: passed(page, 2000) and len(loads) == 3, within=30)
    expect(page.locator("html[data-wall=live]")).to_have_count(1)
    page.clock.fast_forward("24:00:10")
    eventually(lambda: passed(page, 2000) and len(loads) == 4, within=30)


def test_a_page_whose_scripts_did_not_come_says_so_and_loads_again(
    windows: Windows, boards: dict[str, str]
) -> None:
    page = windows.open("/queues/")
    page.route("**/static/wallboard_reload.js*", lambda route: route.abort())
    page.clock.install()
    page.goto(boards["Rows"])
    words = page.get_by_text("This screen did not load whole")
    expect(words).to_be_hidden()
    page.evaluate("document.getAnimations().forEach(one => one.finish())")
    expect(words).to_be_visible()
    page.unroute_all()
    live_now = page.locator("html[data-wall=live]")
    eventually(lambda: passed(page, 5000) and live_now.count() == 1, within=30)
    expect(words).to_be_hidden()


def passed(page: Page, milliseconds: int) -> bool:
    """So much of the page's own time goes by at once."""
    page.clock.run_for(milliseconds)
    return True


def test_a_wall_over_restarts(windows: Windows, earshot: Earshot, boards: dict[str, str]) -> None:
    """By a polite end and by a crash; before some of them the socket is closed as after its longest time."""
    page = windows.open("/queues/", viewport={"width": 1920, "height": 1080})
    page.add_init_script(REMEMBERS_SOCKETS)
    page.goto(boards["Large"])
    expect(page.locator("html[data-wall=live]")).to_have_count(1)
    used = [memory(page)]
    for number in range(RESTARTS):
        before = int(waiting(page).inner_text())
        if number % 3 == 0:
            page.evaluate("sockets.at(-1).close(1000)")
            eventually(lambda: page.evaluate("sockets.at(-1).readyState") == 1, within=30)
        earshot.restart(kill=number % 2 == 1)
        call(earshot, "Returns")
        began = time.monotonic()
        eventually(lambda: int(waiting(page).inner_text()) > before and live_again(page), within=30)  # noqa: B023
        took = time.monotonic() - began
        assert took < RIGHT_WITHIN * SLOW, f"right only {took:.1f} s after restart {number + 1}"
        used.append(memory(page))
        if RESTARTS > 3:
            sys.stdout.write(f"{number + 1}: right after {took:.1f} s, {used[-1]:.2f} MiB\n")
    # A server that a test has ended is an error to Chromium as well.
    windows.wrong = [one for one in windows.wrong if "WebSocket connection to" not in one]
    assert page.evaluate("sockets.length") > RESTARTS, "it was loaded again"
    assert used[-1] - used[min(3, RESTARTS)] < GROWS_LESS_THAN, used


REMEMBERS_SOCKETS = """window.sockets = [];
window.WebSocket = class extends WebSocket { constructor(...all) { super(...all); sockets.push(this); } };"""
SLOW = 1 if RESTARTS > 3 else 4  # what else runs on the machine of a test run is not the wall's fault


def live_again(page: Page) -> bool:
    return page.locator("html[data-wall=live]").count() == 1


def memory(page: Page) -> float:
    """MiB that the page's scripts hold once what is not needed has been thrown away."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    metrics = (
        devtools.send("Performance.getMetrics") if devtools.send("Performance.enable") is not None else {}
    )
    devtools.detach()
    return next(float(one["value"]) for one in metrics["metrics"] if one["name"] == "JSHeapUsedSize") / 2**20


def test_the_pages_around_it_are_accessible(windows: Windows, boards: dict[str, str]) -> None:
    looks = (("light", 1440), ("dark", 390))
    page = live(windows.open("/wallboards/", **look("light", 1440)))
    page.get_by_label("Delete Rows").first.click()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    assert flaws(page, looks) == []
    page.goto(f"{boards['Rows']}edit/")
    for state in ("Now", "Stale", "Empty"):
        page.get_by_role("button", name=state).click()
        expect(page.locator("[data-preview-wall] tbody tr")).to_have_count(2)
        assert flaws(page, looks) == [], state


def test_a_board_is_made_by_keyboard_alone(windows: Windows, boards: dict[str, str]) -> None:
    page = live(windows.open("/wallboards/"))
    page.get_by_role("link", name="New wallboard").focus()
    page.keyboard.press("Enter")
    live(page)
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Keyboard")
    queues = page.locator("[data-sortable=queues] input")
    queues.nth(0).focus()
    page.keyboard.press("Space")
    queues.nth(1).focus()
    page.keyboard.press("Space")
    rows = page.locator("[data-preview-wall] tbody th b")
    expect(rows).to_have_text(["Repairs", "Returns"])
    page.keyboard.press("Alt+ArrowUp")
    expect(queues.nth(0)).to_be_focused()
    expect(rows).to_have_text(["Returns", "Repairs"])
    # An arrow that has no further way leaves the focus to the other one.
    page.get_by_role("button", name="Move Returns down").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_text(["Repairs", "Returns"])
    page.get_by_role("button", name="Move Returns up").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_text(["Returns", "Repairs"])
    expect(page.get_by_role("button", name="Move Returns down")).to_be_focused()
    expect(page.get_by_text(re.compile("^2 changes not saved: name, queues"))).to_be_visible()
    leave_unsaved(page)
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/wallboards/\d+/edit/$"))
    expect(page.get_by_text("not saved")).to_have_count(0)
    page.goto("/wallboards/")
    live(page)
    page.get_by_label("Delete Keyboard").first.focus()
    page.keyboard.press("Enter")
    wall = windows.open(str(page.get_by_label("Open Keyboard").get_attribute("href")), who="agent")
    expect(wall.locator("html[data-wall=live]")).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Keyboard", exact=True)).to_have_count(0)
    expect(wall.get_by_text(re.compile(r"^This wallboard was taken away at \d\d:\d\d\.$"))).to_be_visible()
    assert violations(wall) == []


def leave_unsaved(page: Page) -> None:
    """A link asks, with the focus on staying; so does the browser before a reload. Nothing is lost."""
    page.get_by_label("Path").get_by_role("link", name="Wallboards").focus()
    page.keyboard.press("Enter")
    ask = page.get_by_role("dialog", name="Leave without saving?")
    expect(ask).to_contain_text("2 changes not saved: name, queues")
    expect(ask.get_by_role("button", name="Keep editing")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(ask).to_be_hidden()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("setTimeout(() => location.reload())")
    eventually(lambda: page.evaluate("1") and asked == ["beforeunload"], within=15)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Keyboard")


def test_who_leaves_without_saving_leaves(windows: Windows, boards: dict[str, str]) -> None:
    page = live(windows.open(f"{boards['Rows']}edit/"))
    page.get_by_label("Name", exact=True).fill("Another")
    page.get_by_role("link", name="Screens").click()
    page.get_by_role("link", name="Leave").click()
    expect(page).to_have_url(re.compile("/screens/$"))
