"""Charts of queues as somebody meets them: one cursor for three plots and the table, by pointer or key."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import live
from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.looks import flaws, look
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def queue(earshot: Earshot) -> str:
    """The page of a queue in which one waits and one has hung up."""
    earshot.simulator.call("+16175554711", queue="Returns")
    gone = earshot.simulator.call("+16175554712", queue="Returns")
    counted = "select id from queues_queue where name = 'Returns'"
    eventually(lambda: earshot.rows(counted))
    earshot.simulator.does(gone, "hangup")
    eventually(lambda: earshot.rows("select id from queues_interval"), within=20)
    return f"/queues/{earshot.rows(counted)[0][0]}/"


LOOKS = (("light", 1440), ("dark", 800), ("dark", 390))


def test_charts_are_accessible(windows: Windows, queue: str) -> None:
    page = live(windows.open(queue, **look("light", 1440)))
    page.get_by_role("link", name="Day", exact=True).click()
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    page.locator("#recent-twin summary").click()
    assert flaws(live(page), LOOKS) == []
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    for path in (
        "history/",
        "history/?compare=mean&step=60",
        f"history/?day={yesterday}",
        "history/?day=soon",
    ):
        page.goto(f"{queue}{path}")
        assert flaws(page, LOOKS) == [], path


def test_j_leads_to_the_next_queue_and_the_chart_stays_as_it_is(windows: Windows, queue: str) -> None:
    page = live(windows.open(f"{queue}?span=8h"))
    expect(page.get_by_role("link", name="Previous")).to_be_visible()
    with page.expect_navigation(url=re.compile(r"/queues/\d+/\?span=8h$")):
        page.keyboard.press("j")
    live(page).get_by_role("link", name="Open wallboard").click()
    expect(page.get_by_role("heading", name="New wallboard")).to_be_visible()


def history(windows: Windows, queue: str) -> Page:
    page = live(windows.open(queue))
    page.get_by_role("link", name="History").click()
    expect(page).to_have_url(re.compile("/history/$"))
    return live(page)  # keys are heard from then on


def chosen(page: Page) -> str:
    """The line that is chosen; the read-out and the slider say the same."""
    lines = page.locator("[data-line][data-selected]")
    expect(lines).to_have_count(1)
    span = str(lines.get_attribute("data-span"))
    expect(page.locator("[data-read-out] b")).to_have_text(span)
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", re.compile(f"^{span}"))
    return span


def test_arrows_move_the_cursor_anywhere_on_the_page(windows: Windows, queue: str) -> None:
    page = history(windows, queue)
    last = chosen(page)
    page.keyboard.press("ArrowLeft")
    before = chosen(page)
    assert before != last
    page.keyboard.press("ArrowRight")
    assert chosen(page) == last
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    first = chosen(page)
    page.keyboard.press("ArrowLeft")
    assert chosen(page) == first
    page.keyboard.press("End")
    assert chosen(page) == last


def test_the_pointer_and_the_table_move_the_same_cursor(windows: Windows, queue: str) -> None:
    page = history(windows, queue)
    last = chosen(page)
    page.get_by_role("slider").hover(position={"x": 300, "y": 100})
    pointed = chosen(page)
    assert pointed != last
    page.locator("[data-line]").last.click()
    assert chosen(page) == last
    page.get_by_role("button", name="Top").click()
    assert chosen(page) == page.locator("[data-line]").first.get_attribute("data-span")


def test_on_a_phone_the_charts_are_where_the_cursor_is(windows: Windows, queue: str) -> None:
    page = live(windows.open(f"{queue}history/", **look("light", 390)))
    frame, cursor = page.locator("[data-charts]"), page.locator("[data-cursor]")
    assert frame.evaluate("frame => frame.scrollWidth > frame.clientWidth")
    last = int(str(frame.get_attribute("aria-valuemax")))
    expect(frame).to_have_attribute("aria-valuenow", str(last))
    expect(cursor).to_be_in_viewport()
    frame.focus()
    page.keyboard.press("Home")
    expect(frame).to_have_attribute("aria-valuenow", "0")
    expect(cursor).to_be_in_viewport()


def test_days_by_key_and_by_the_field(windows: Windows, queue: str) -> None:
    page = history(windows, queue)
    today = datetime.now(UTC)
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile(f"day={today - timedelta(days=1):%Y-%m-%d}"))
    expect(page.get_by_text("Nothing is known of")).to_be_visible()
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile(f"day={today:%Y-%m-%d}"))
    page.get_by_label("Day", exact=True).fill(f"{today - timedelta(days=2):%Y-%m-%d}")
    expect(page).to_have_url(re.compile(f"day={today - timedelta(days=2):%Y-%m-%d}"))


def test_the_focus_stays_where_a_key_has_put_it(windows: Windows, queue: str) -> None:
    """Another day, another span and other filters load the page again."""
    page = history(windows, queue)
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    page.locator("[data-day-before]").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"day={yesterday}"))
    expect(page.locator("[data-day-before]")).to_be_focused()
    page.locator("[data-day-after]").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"day={datetime.now(UTC):%Y-%m-%d}"))
    expect(page.get_by_label("Day", exact=True)).to_be_focused()  # no day comes after this one
    page.get_by_role("link", name="Nothing", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Nothing", exact=True)).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("link", name="Nothing", exact=True)).to_be_focused()
    page.goto("/agents/")
    live(page).get_by_label("Order").focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("sort=longest"))
    expect(page.get_by_label("Order")).to_be_focused()
    page.get_by_role("link", name=re.compile("^Ringing")).click()
    expect(page).to_have_url(re.compile("state=ringing"))
    expect(page.locator("body")).to_be_focused()  # a click needs none


def test_only_the_lines_below_target(windows: Windows, queue: str) -> None:
    page = history(windows, queue)
    page.get_by_role("button", name=re.compile("^Below target")).click()
    below = page.locator("[data-line][data-below]").count()
    expect(page.locator("[data-line]:visible")).to_have_count(below)
    page.get_by_role("button", name=re.compile("^All ")).click()
    expect(page.locator("[data-line]:visible")).to_have_count(page.locator("[data-line]").count())


def test_the_file_of_the_day(windows: Windows, queue: str) -> None:
    page = history(windows, queue)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    assert re.fullmatch(r"Returns_\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)


def test_a_wait_is_said_in_words_beside_its_shape(windows: Windows, queue: str) -> None:
    page = live(windows.open(queue))
    said = page.locator(".left-words").first
    expect(said).to_contain_text(re.compile(r"\d+ s left|\d+:\d\d left|overdue \d+:\d\d"))
    expect(said.locator("svg.icon:visible")).to_have_count(1)
