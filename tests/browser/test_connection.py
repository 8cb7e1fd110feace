"""The live page in a real browser, against a real server: what it shows, and what it says about itself."""

import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebSocketRoute, expect

from dashboard.frames import digest
from tests.support.earshot import Prepared
from tests.support.toy_server import ToySite
from tests.support.waiting import eventually

# The clock of a page: Playwright's own, so that 10 s of silence take no 10 s.
SILENCE = 11_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, prepared: Prepared) -> Iterator[ToySite]:
    made = ToySite(tmp_path_factory.mktemp("toy"), prepared.database)
    yield made
    made.end()


@pytest.fixture
def context(browser: Browser, site: ToySite) -> Iterator[BrowserContext]:
    with browser.new_context(base_url=site.url) as made:
        made.request.get("/test/sign-in")
        yield made


@pytest.fixture
def page(context: BrowserContext, site: ToySite) -> Iterator[Page]:
    """The page, live, with the row of conference `a`. Whatever the browser complains of fails the test."""
    site.change("a", name="Sales 4412")
    opened = context.new_page()
    complaints: list[str] = []

    def said(message: ConsoleMessage) -> None:
        # A server that a test has ended is an error to Chromium as well.
        if message.type == "error" and not re.search("WebSocket|ERR_", message.text):
            complaints.append(message.text)

    opened.on("pageerror", lambda error: complaints.append(error.message))
    opened.on("console", said)
    record_events(opened)
    opened.goto("/")
    expect(opened.locator("html")).to_have_attribute("data-connection", "live")
    yield opened
    assert complaints == []


def record_events(page: Page) -> None:
    page.add_init_script(
        """window.fired = [];
        for (const name of ["tick", "patched", "connection", "refused"]) {
          document.addEventListener(`earshot:${name}`, ({detail}) => fired.push({name, ...detail}));
        }"""
    )


def timer(seconds_ago: float, **data: object) -> str:
    """A box with one timer in it."""
    since = (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat()
    attributes = " ".join(f'data-{name}="{value}"' for name, value in data.items())
    return f'<p id="box" data-timed><span id="t" data-since="{since}" {attributes}>0:00</span></p>'


def state(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator("[data-connection-words] .state")).to_have_text(words)


def test_what_changes_appears_without_reloading(page: Page, site: ToySite) -> None:
    expect(page.locator("#c-a .name")).to_have_text("Sales 4412")
    site.change("b", name="Billing 4413")
    expect(page.locator("tbody #c-b .name")).to_have_text("Billing 4413")
    site.change("a", name="Sales, renamed")
    expect(page.locator("#c-a .name")).to_have_text("Sales, renamed")
    site.change("b", status="completed")
    expect(page.locator("#c-b")).to_have_count(0)
    assert {"name": "patched", "scope": "toy"} in page.evaluate("fired")


def test_an_age_stands_beside_live(page: Page) -> None:
    state(page, "Live")
    expect(page.locator("[data-connection-words] .detail")).to_have_text(re.compile(r"^\d+\.\d s ago$"))


def test_what_the_reader_opened_typed_and_chose_survives(page: Page, site: ToySite) -> None:
    inside = (
        '<details id="d"><summary>End?</summary><input id="i" value=""><button id="x">{}</button></details>'
    )
    site.change("a", name="before", html=inside.format("End for 2"))
    page.locator("#d summary").click()
    page.locator("#i").fill("typed")
    page.locator("#c-a").evaluate("row => row.className = 'selected'")
    page.locator("#x").focus()
    site.change("a", name="after", html=inside.format("End for 3"))
    expect(page.locator("#c-a .name")).to_have_text("after")
    expect(page.locator("#x")).to_have_text("End for 3")
    expect(page.locator("#d")).to_have_attribute("open", "")
    expect(page.locator("#i")).to_have_value("typed")
    expect(page.locator("#c-a")).to_have_class("selected")
    expect(page.locator("#x")).to_be_focused()


CHOICE = (
    '<form><select id="s"><option value="a"{}>A<option value="b"{}>B<option value="c"{}>C</select>'
    '<select id="f" data-fill="/choices"><option value="">None</select>'
    '<button id="go" type="button" hx-post="/mute" hx-swap="none">Save {}</button></form>'
)


def choice(site: ToySite, drawn: str, told: str) -> None:
    site.change("a", html=CHOICE.format(*(" selected" if name == drawn else "" for name in "abc"), told))


def test_a_choice_survives_until_it_is_sent(page: Page, site: ToySite) -> None:
    choice(site, "b", "1")
    select, filled = page.locator("#s"), page.locator("#f")
    expect(select).to_have_value("b")
    choice(site, "a", "2")
    expect(select).to_have_value("a")
    select.select_option("c")
    filled.evaluate("select => select.append(new Option('Late', 'late', false, true))")
    page.locator("#go").focus()
    choice(site, "b", "3")
    expect(page.locator("#go")).to_have_text("Save 3")
    expect(select).to_have_value("c")
    expect(filled).to_have_value("late")

    before = site.presses()
    page.locator("#go").click()
    eventually(lambda: site.presses() == before + 1)
    choice(site, "c", "4")
    expect(page.locator("#go")).to_have_text("Save 4")
    choice(site, "a", "5")
    expect(select).to_have_value("a")


def test_an_element_drawn_anew_under_the_same_id_keeps_the_focus(page: Page, site: ToySite) -> None:
    site.change("a", html='<button id="x">Hold</button>')
    page.locator("#x").focus()
    site.change("a", html='<span><a id="x" href="#">Resume</a></span>')
    expect(page.locator("#x")).to_have_text("Resume")
    expect(page.locator("#x")).to_be_focused()


def test_a_button_that_came_by_a_push_works(page: Page, site: ToySite) -> None:
    before = site.presses()
    site.change("new", name="Just begun")
    page.locator("#mute-new").click()
    eventually(lambda: site.presses() == before + 1)
    site.change("new", status="completed")


def test_the_beat_brings_what_nobody_was_told_of(page: Page, site: ToySite) -> None:
    site.change("a", name="Nobody was poked", poke="no")
    expect(page.locator("#c-a .name")).to_have_text("Nobody was poked")


def test_a_page_that_lost_something_asks_for_all_of_it(page: Page) -> None:
    """As if a message had been lost: the page's own memory differs from what the beat says."""
    page.evaluate(
        """async () => {
          const { takeFragments } = await import("/static/fragments.js");
          const html = '<tr id="c-ghost" data-version="9"><td>never was</td></tr>';
          takeFragments("toy", [{ id: "c-ghost", list: "conferences", version: 9, html }]);
        }"""
    )
    expect(page.locator("#c-ghost")).to_have_count(0)


def test_an_older_fragment_is_dropped_and_a_tombstone_is_remembered(page: Page) -> None:
    shown = page.evaluate(
        """async () => {
          const { takeFragments, takeSnapshot } = await import("/static/fragments.js");
          const row = (version) => ({ id: "c-t", list: "conferences", version,
            html: `<tr id="c-t" data-version="${version}"><td>${version}</td></tr>` });
          const gone = (version) => ({ ...row(version), html: null });
          const text = () => document.getElementById("c-t")?.textContent ?? "gone";
          takeSnapshot("test", []);
          return [[row(5)], [row(4)], [row(6)], [gone(8)], [row(7)], [row(9)]].map((fragments) => {
            takeFragments("test", fragments);
            return text();
          }).concat((takeSnapshot("test", [row(2)]), text()), (takeSnapshot("test", []), text()));
        }"""
    )
    assert shown == ["5", "5", "6", "gone", "gone", "9", "2", "gone"]


def test_python_and_the_browser_make_the_same_digest(page: Page) -> None:
    versions = {"c-a": 1, "queue-summary": 12, "c-ü€😀": 2**40, "": 0}
    script = """async (versions) => {
      const { digestOf } = await import("/static/fragments.js");
      return digestOf(Object.entries(versions));
    }"""
    assert page.evaluate(script, versions) == digest(versions)


def test_a_dead_server_is_reconnecting_then_stale_and_live_as_soon_as_the_network_is_back(
    page: Page, site: ToySite
) -> None:
    page.clock.install()
    page.goto("/")
    state(page, "Live")
    site.process.kill()
    state(page, "Reconnecting")
    expect(page.locator("html")).to_have_attribute("data-connection", "reconnecting")
    expect(page.locator("[data-connection-words] .detail")).to_have_text(
        re.compile(r"^try \d+(, in \d+ s)?$")
    )
    expect(page.locator("#mute-a")).to_be_enabled()

    page.clock.fast_forward(SILENCE)
    state(page, re.compile(r"^Stale since \d\d:\d\d:\d\d$"))
    expect(page.locator("html")).to_have_attribute("data-connection", "stale")
    expect(page.locator("#mute-a")).to_be_disabled()
    expect(page.locator("#mute-a")).to_have_attribute("title", "Not connected: what you see is old.")
    page.evaluate("htmx.ajax('POST', '/mute', {source: '#c-a'})")
    refused = page.evaluate("fired.filter(({name}) => name === 'refused')")
    assert [found["title"] for found in refused] == ["Not sent: no connection."]

    page.clock.pause_at(page.evaluate("Date.now()") + 1)
    site.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    state(page, "Live")
    expect(page.locator("#mute-a")).to_be_enabled()
    assert page.locator("#mute-a").get_attribute("title") in {None, ""}
    assert site.presses() == 0, "what was pressed meanwhile is not sent later"


@pytest.mark.parametrize("code", ["1000", "1001", "1008", "1011", "1012", "4408"])
def test_every_other_close_is_followed_by_a_new_connection(page: Page, site: ToySite, code: str) -> None:
    page.evaluate("fired.length = 0")
    site.get("/test/close", code=code)
    states = "fired.filter(({name}) => name === 'connection').map(({state}) => state)"
    eventually(lambda: page.evaluate(states) == ["reconnecting", "live"])


def test_a_server_that_says_nothing_is_stale_and_timers_stop(page: Page, site: ToySite) -> None:
    site.change("a", html=timer(seconds_ago=60))
    page.clock.install()
    page.goto("/")
    state(page, "Live")
    site.process.send(signal.SIGSTOP)
    try:
        page.clock.fast_forward(SILENCE)
        state(page, re.compile("^Stale since"))
        stopped = page.locator("#t").inner_text()
        page.clock.run_for(3000)
        assert page.locator("#t").inner_text() == stopped
        assert page.evaluate("fired.at(-1)")["live"] is False
    finally:
        site.process.send(signal.SIGCONT)
    page.clock.fast_forward(SILENCE)
    state(page, "Live")
    eventually(lambda: page.locator("#t").inner_text() != stopped)


def test_a_first_snapshot_that_is_long_in_coming_is_waited_for(page: Page, site: ToySite) -> None:
    """The page has been stale, and of two scopes one is there at once: to connect anew would never end."""
    opened: list[WebSocketRoute] = []
    held: list[str] = []
    slow = False

    def pass_on(browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        opened.append(browser)

        def keep(message: str | bytes) -> None:
            if slow and '"toy:a"' in str(message):
                held.append(str(message))
            else:
                browser.send(message)

        server.on_message(keep)

    page.route_web_socket(re.compile("/ws/live"), pass_on)
    page.clock.install()
    page.goto("/")
    page.evaluate("document.dispatchEvent(new CustomEvent('earshot:watch', {detail: {scope: 'toy:a'}}))")
    expect(page.locator("#c-a")).to_be_visible()
    state(page, "Live")
    site.process.send(signal.SIGSTOP)
    page.clock.fast_forward(SILENCE)
    state(page, re.compile("^Stale since"))
    slow = True
    site.process.send(signal.SIGCONT)
    page.evaluate("dispatchEvent(new Event('online'))")
    eventually(lambda: page.evaluate("true") and held)  # Playwright passes messages on only while it is asked
    before = len(opened)
    for _ in range(5):
        page.clock.run_for(1000)
    state(page, re.compile("^Stale since"))
    assert len(opened) == before
    slow = False
    for message in held:
        opened[-1].send(message)
    state(page, "Live")


def test_missing_webhooks_are_said_while_the_page_is_live(page: Page, site: ToySite) -> None:
    """The fragment that is pushed says since when; what passes is drawn here, and it goes back by itself."""
    since = (datetime.now(UTC) - timedelta(seconds=250)).isoformat()
    said = f'<div id="webhooks-status" data-silent-since="{since}" data-read-every="5" hidden></div>'
    html = page.locator("html")
    site.change("a", html=said)
    state(page, re.compile(r"^No webhooks for 4:1\d$"))
    expect(page.locator("[data-connection-words] .detail")).to_have_text("reading every 5 s")
    expect(html).to_have_attribute("data-webhooks-silent", "")
    expect(html).to_have_attribute("data-connection", "live")
    expect(page.locator("#mute-a")).to_be_enabled()
    before = page.locator("[data-connection-words] .state").inner_text()
    eventually(lambda: page.locator("[data-connection-words] .state").inner_text() != before)
    site.change("a", html='<div id="webhooks-status" hidden></div>')
    state(page, "Live")
    expect(html).not_to_have_attribute("data-webhooks-silent", "")
    expect(page.locator("[data-connection-words] .detail")).to_have_text(re.compile(r"^\d+\.\d s ago$"))


def test_signed_out_elsewhere(page: Page, site: ToySite) -> None:
    site.get("/test/sign-everybody-out")
    state(page, re.compile(r"^Signed out at \d\d:\d\d$"))
    expect(page.locator("html")).to_have_attribute("data-connection", "signed-out")
    expect(page.get_by_role("link", name="Sign in")).to_have_attribute("href", "/accounts/login/?next=%2F")
    expect(page.locator("#mute-a")).to_be_disabled()


def test_rights_that_changed(page: Page) -> None:
    page.context.request.get("/test/take-rights")
    state(page, "Your rights changed")
    expect(page.get_by_role("link", name="Reload")).to_have_attribute("href", "/")
    expect(page.locator("#mute-a")).to_be_disabled()


def test_a_scope_is_watched_and_left_on_request(page: Page, site: ToySite) -> None:
    """As the floor's pane: a second scope, whose row is not the first one's."""
    page.evaluate("document.dispatchEvent(new CustomEvent('earshot:watch', {detail: {scope: 'toy:a'}}))")
    came = "fired.some(({name, scope}) => name === 'patched' && scope === 'toy:a')"
    eventually(lambda: page.evaluate(came))
    page.evaluate("document.dispatchEvent(new CustomEvent('earshot:unwatch', {detail: {scope: 'toy:a'}}))")
    page.evaluate("fired.length = 0")
    site.change("a", name="only once")
    expect(page.locator("#c-a .name")).to_have_text("only once")
    scopes = page.evaluate("fired.filter(({name}) => name === 'patched').map(({scope}) => scope)")
    assert set(scopes) == {"toy"}


WRITTEN: list[tuple[float, dict[str, object], str]] = [
    (8.5, {}, "0:08"),
    (168.5, {"format": "clock"}, "2:48"),
    (3768.5, {}, "1:02:48"),
    (97_205, {}, "1 d 3 h"),
    (-30, {}, "0:00"),
    (12.5, {"format": "ago"}, "12 s ago"),
    (72.5, {"format": "ago"}, "1:12 ago"),
    (48.5, {"format": "left", "red": 60}, "12 s left"),
    (62.5, {"format": "left", "red": 180}, "1:58 left"),
    (108.5, {"format": "left", "red": 60}, "over 0:48"),
    (108.5, {"format": "due", "red": 60}, "overdue 0:48"),
]


def test_how_a_passing_time_is_written(page: Page) -> None:
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=30))
    boxes = [timer(0, passed=seconds_ago, **data) for seconds_ago, data, _ in WRITTEN]
    written = page.evaluate(
        """async (boxes) => {
          const { serverNow } = await import("/static/clock.js");
          const { draw } = await import("/static/timers.js");
          document.querySelector("[data-list=pane]").innerHTML = boxes.join("");
          const timers = [...document.querySelectorAll("[data-passed]")];
          for (const { dataset } of timers) {
            dataset.since = new Date(serverNow() - Number(dataset.passed) * 1000).toISOString();
          }
          draw();
          return timers.map((timer) => timer.textContent);
        }""",
        boxes,
    )
    assert written == [text for _, _, text in WRITTEN]


def test_the_server_s_clock_counts_and_not_the_browser_s(context: BrowserContext, site: ToySite) -> None:
    page = context.new_page()
    page.clock.install(time=datetime.now(UTC) - timedelta(hours=3))
    site.change("a", html=timer(seconds_ago=60))
    page.goto("/")
    state(page, "Live")
    expect(page.locator("#t")).to_have_text(re.compile(r"^1:[0-5]\d$"))


def test_a_level_rises_at_once_and_falls_after_five_seconds(page: Page) -> None:
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=30))
    levels = page.evaluate(
        """async (box) => {
          const { serverNow } = await import("/static/clock.js");
          const { draw } = await import("/static/timers.js");
          document.querySelector("[data-list=pane]").innerHTML = box;
          const began = serverNow();
          window.levelAfter = (seconds) => {
            document.getElementById("t").dataset.since = new Date(serverNow() - seconds * 1000).toISOString();
            draw();
            return document.getElementById("box").dataset.level;
          };
          return [100, 200, 300, 100].map(levelAfter);
        }""",
        timer(0, amber=200, red=300),  # far apart: the page's own ticks must not reach a limit
    )
    assert levels == ["ok", "amber", "red", "red"]
    page.clock.run_for(4000)
    assert page.evaluate("levelAfter(100)") == "red"
    page.clock.run_for(1500)
    assert page.evaluate("levelAfter(100)") == "ok"
