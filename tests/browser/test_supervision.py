"""Listen → Whisper → Barge → Listen → Leave seen by a second supervisor, with a reload in the middle."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.scene import Scene, set_scene
from tests.support.supervising import AGENT, let_go, set_phone, state_is, who_heard
from tests.support.waiting import eventually


@pytest.fixture
def scene(earshot: Earshot) -> Scene:
    return set_scene(earshot, AGENT)


def row(page: Page, scene: Scene) -> Locator:
    return page.locator("tbody[data-list=conferences] tr", has_text=scene.name)


def live(page: Page) -> Page:
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    return page


def test_the_whole_way_of_a_supervisor(windows: Windows, earshot: Earshot, scene: Scene) -> None:
    set_phone(earshot)
    mine, theirs = live(windows.open("/floor/")), live(windows.open("/floor/", who="colleague"))
    cell, line = mine.locator("#own-phone"), mine.locator("#pane .mode-line")
    expect(cell).to_contain_text("+1 312 555 9001")
    expect(cell).to_contain_text("Ready")
    row(mine, scene).click()
    listen = mine.locator("#pane").get_by_role("button", name="Listen")
    expect(listen).to_have_attribute("aria-pressed", "false")

    mine.keyboard.press("l")
    expect(line).to_have_text("Listening: nobody hears you.")
    expect(cell).to_contain_text(f"Listening to {scene.name}")
    expect(row(mine, scene).locator(".by:visible")).to_contain_text("You")
    expect(row(theirs, scene).locator(".by:visible")).to_contain_text("Listening")
    expect(row(theirs, scene).locator(".by:visible")).to_contain_text("Dana Whitfield")
    leg = state_is(scene, "connected")["leg"]
    assert who_heard(earshot, leg) == set()

    mine.keyboard.press("w")
    expect(line).to_have_text("Whispering: only Priya Nair hears you.")
    expect(row(theirs, scene).locator(".by:visible")).to_contain_text("Whispering")
    assert who_heard(earshot, leg) == {scene.agent}

    live(mine).reload()
    expect(line).to_have_text("Whispering: only Priya Nair hears you.")
    expect(cell).to_contain_text(f"Whispering in {scene.name}")
    live(mine).locator("#pane").get_by_role("button", name="Barge").click()
    expect(line).to_have_text("Barging in: everyone hears you.")
    expect(row(theirs, scene).locator(".by:visible")).to_contain_text("Barging in")
    eventually(lambda: who_heard(earshot, leg) == {scene.agent, scene.caller})

    mine.locator("#pane").get_by_role("button", name="Listen").click()
    expect(line).to_have_text("Listening: nobody hears you.")
    expect(row(theirs, scene).locator(".by:visible")).to_contain_text("Listening")
    cell.get_by_role("button", name="Leave").click()
    expect(cell).to_contain_text("Ready")
    expect(row(theirs, scene).locator(".by:visible")).to_have_count(0)
    assert len([one for one in earshot.simulator.requests("/v2/calls") if scene.id in str(one["body"])]) == 1


def test_on_the_page_with_steps_and_cancel(windows: Windows, earshot: Earshot, scene: Scene) -> None:
    set_phone(earshot, after=20)
    page = live(windows.open(f"{scene.address}/"))
    panel = page.locator(".supervise")
    panel.get_by_role("button", name="Listen").click()
    expect(panel.locator(".mode-line")).to_have_text("Answer +1 312 555 9001 to listen.")
    expect(panel.locator(".steps li")).to_have_text(
        [
            re.compile("Telnyx accepted"),
            re.compile(r"Calling your phone\s*0:\d\d.* of 0:25"),
            re.compile("You join, muted"),
        ]
    )
    panel.get_by_role("button", name="Cancel").click()
    expect(page.locator("#own-phone")).to_contain_text("Ready")
    let_go(earshot)


def test_a_key_never_acts_on_the_one_before(windows: Windows, earshot: Earshot, scene: Scene) -> None:
    """The selection has gone on by an arrow key, and the details of the next are still on their way."""
    other = set_scene(earshot)
    set_phone(earshot)
    page = live(windows.open("/floor/?sort=newest"))
    row(page, other).click()
    expect(page.locator("#pane .pane-head h2")).to_have_text(other.name)
    held: list[Route] = []
    page.route("**/floor/pane/**", lambda route: held.append(route))
    page.keyboard.press("ArrowDown")
    expect(row(page, scene)).to_have_attribute("aria-selected", "true")
    eventually(lambda: page.evaluate("true") and held)  # Playwright hands over only while it is asked
    expect(page.locator("#pane .pane-head h2")).to_have_text(other.name)
    expect(page.locator("#pane")).to_have_js_property("inert", True)
    page.keyboard.press("m")
    page.keyboard.press("l")
    expect(page.locator("#own-phone")).to_contain_text(f"Listening to {scene.name}")
    for one in held:
        one.continue_()
    expect(page.locator("#pane .mode-line")).to_have_text("Listening: nobody hears you.")
    expect(page.locator("#pane")).to_have_js_property("inert", False)
    assert other.commands() == []
    page.locator("#own-phone").get_by_role("button", name="Leave").click()
    expect(page.locator("#own-phone")).to_contain_text("Ready")


def test_without_a_phone_the_buttons_say_so(windows: Windows, earshot: Earshot, scene: Scene) -> None:
    page = live(windows.open(f"{scene.address}/", who="admin"))
    expect(page.locator("#own-phone")).to_contain_text("Your phone: not set")
    button = page.locator("#supervise-listen")
    expect(button).to_have_attribute("title", "Set your phone first.")
    expect(page.locator(".supervise .mode-line")).to_have_text("Set your phone first.")
    # Who presses a row's all the same reads why, once however often they press.
    floor = live(windows.open("/floor/", who="admin"))
    for _ in range(2):
        row(floor, scene).get_by_role("button", name=f"Listen to {scene.name}").click(force=True)
    expect(floor.get_by_role("alert")).to_have_text("Set your phone first.")
    page.get_by_role("link", name="Set your phone", exact=True).click()
    page.get_by_label("Number with its country").fill("not a number")
    page.get_by_role("button", name="Save phone").click()
    expect(page.get_by_role("alert")).to_contain_text("A number with its country")


def test_on_a_phone_a_card_has_them_and_the_dock_leaves(
    windows: Windows, earshot: Earshot, scene: Scene
) -> None:
    set_phone(earshot)
    page = live(windows.open("/floor/", viewport={"width": 390, "height": 844}))
    row(page, scene).click()
    buttons = row(page, scene).locator(".acts button:visible")
    expect(buttons).to_have_text(["Listen", "Whisper", "Barge", "Record", "More"])
    boxes = [one.bounding_box() for one in buttons.all()]
    assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes)
    buttons.get_by_text("Listen").click()
    dock = page.locator("#own-phone")
    expect(dock).to_contain_text(f"Listening to {scene.name}")
    expect(row(page, scene).locator("[data-mode=monitor]")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for width in (1440, 1280, 1024):
        page.set_viewport_size({"width": width, "height": 844})
        assert overlapping(page) == [], width
    dock.get_by_role("button", name="Leave").click()
    expect(dock).to_contain_text("Ready")


def overlapping(page: Page) -> list[str]:
    """The parts of the top bar that reach into the next one, or over the edge."""
    found: list[str] = page.evaluate(
        """() => {
            const parts = [...document.querySelectorAll(
                ".top > :not(.pop), #nav > a, .own-phone > *"
            )].filter((part) => part.offsetWidth);
            const boxes = parts.map((part) => [part.textContent, part.getBoundingClientRect()]);
            const apart = (a, b) => a.right <= b.left + 0.5 || a.right >= b.right - 0.5;
            const over = ([, a], [, b]) => a.left < b.left && !apart(a, b);
            const out = ([, box]) => box.right > innerWidth + 0.5;
            const wrong = boxes.filter((box) => out(box) || boxes.some((other) => over(box, other)));
            return wrong.map(([name]) => name.trim());
        }"""
    )
    return found


def test_nothing_is_cut_beside_the_open_pane(windows: Windows, earshot: Earshot, scene: Scene) -> None:
    set_phone(earshot)
    waiting = earshot.simulator.call("+13035550164", queue="Claims")
    page = live(windows.open("/floor/"))
    expect(page.locator(".cell")).not_to_have_count(0)
    row(page, scene).click()
    page.keyboard.press("w")
    by = row(page, scene).locator(".by:visible")
    expect(by).to_contain_text("Whispering")
    for width in (1600, 1440, 1366, 1280, 1024, 800):
        page.set_viewport_size({"width": width, "height": 844})
        expect(by).to_have_count(1)
        assert cut(page) == [], width
    earshot.simulator.does(waiting, "hangup")
    page.locator("#own-phone").get_by_role("button", name="Leave").click()
    expect(page.locator("#own-phone")).to_contain_text("Ready")


def cut(page: Page) -> list[str]:
    """The parts of the floor that hold more than they show, and figures that reach out of their cell."""
    found: list[str] = page.evaluate(
        """() => {
            const shown = (element) => element.checkVisibility();
            const parts = [...document.querySelectorAll(".tools, .conferences td:not(.c-who)")].filter(shown);
            const wide = parts.filter((part) => part.scrollWidth > part.clientWidth);
            const figures = [...document.querySelectorAll(".cell dl > div")].filter(shown);
            const over = figures.filter((figure) => figure.getBoundingClientRect().right
                > figure.closest(".cell").getBoundingClientRect().right - 6);
            return [...wide, ...over].map((part) => `${part.className}: ${part.textContent.trim()}`);
        }"""
    )
    return found
