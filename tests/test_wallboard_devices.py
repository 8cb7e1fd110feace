"""Screens without anybody signed in: a link, opened once, shows one wallboard and nothing else of Earshot."""

import hashlib
import html as markup
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings

from dashboard.boards import Audience
from dashboard.live import hub
from dashboard.models import Command, User
from dashboard.pokes import poke
from dashboard.viewers import device
from queues.models import Queue
from supervisor_site import asgi
from tests.support.live_page import live_equals_reload
from tests.support.people import SALES, Cast
from tests.support.sites import Closed, InProcess, session_of_async
from tests.support.toy import Page
from tests.support.waiting import eventually_async
from wallboards import devices
from wallboards.devices_models import Device
from wallboards.models import Row, Wallboard

CLAIMS = "Claims"
NOW = "2026-11-29T14:32:00Z"


@pytest.fixture(autouse=True)
def no_guesses_yet() -> None:
    cache.clear()


@pytest.fixture
def board(db: None) -> Wallboard:
    return hang("Front desk", CLAIMS)


def hang(name: str, *queues: str) -> Wallboard:
    made = Wallboard.objects.create(name=name, metrics=["waiting", "longest"])
    for place, queue in enumerate(queues):
        Row.objects.create(wallboard=made, queue=Queue.objects.get_or_create(name=queue)[0], place=place)
    return made


def window(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return markup.unescape(answer.content.decode())


def new_link(user: User, board: Wallboard, name: str = "Entrance screen") -> str:
    """The path of a new link, as the page shows it once."""
    answer = window(user).post(f"/wallboards/{board.pk}/screens/new", {"name": name})
    assert answer.status_code == 200, answer.content
    found = re.search(r'value="http://testserver(/w/[^"]+)"', text(answer))
    assert found
    return found[1]


def opened(user: User, board: Wallboard, name: str = "Entrance screen") -> Client:
    """A browser that has opened a link of its own."""
    browser = Client()
    assert browser.post(new_link(user, board, name)).headers["Location"] == "/screen/"
    return browser


def key_of(browser: Client) -> str:
    return str(browser.cookies[devices.COOKIE].value)


def revoke(user: User, board: Wallboard, one: Device | None = None) -> Any:
    one = one or Device.objects.get()
    return window(user).post(f"/wallboards/{board.pk}/screens/{one.pk}/revoke")


# --- the link ------------------------------------------------------------------------------------------
def test_a_link_is_shown_once_and_kept_as_a_hash(cast: Cast, board: Wallboard) -> None:
    code = new_link(cast.supervisor, board).removeprefix("/w/")
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", code)
    assert code not in text(window(cast.supervisor).get(f"/wallboards/{board.pk}/screens/"))
    stored = str(Device.objects.values().get())
    bare = code.replace("-", "")
    assert bare not in stored and hashlib.sha256(bare.encode()).hexdigest() not in stored
    assert not [entry for entry in Command.objects.values() if bare in str(entry) or code in str(entry)]


def test_looking_at_a_link_does_not_use_it(cast: Cast, board: Wallboard) -> None:
    path = new_link(cast.supervisor, board)
    for _ in range(3):
        preview = Client()
        answer = preview.get(path)
        assert "Show Front desk here?" in text(answer)
        assert devices.COOKIE not in preview.cookies
        # No other site hears of it; `no-referrer` would make the form's own Origin "null", which is refused.
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert preview.head(path).status_code == 200
    assert Client().post(path).status_code == 302


def test_opening_it_gives_a_cookie_for_the_screen_alone(
    cast: Cast, board: Wallboard, settings: Settings
) -> None:
    for https in (False, True):
        settings.HTTPS = https
        cookie = opened(cast.supervisor, board).cookies[devices.COOKIE]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/screen/", True, "Lax")
        assert bool(cookie["secure"]) is https
        assert Device.objects.filter(cookie_hash=hashlib.sha256(cookie.value.encode()).hexdigest()).exists()


def test_it_may_be_typed_in_small_letters_without_the_hyphen(cast: Cast, board: Wallboard) -> None:
    path = new_link(cast.supervisor, board)
    assert Client().post(path.lower().replace("-", "")).status_code == 302


def test_a_form_of_another_site_cannot_open_it(cast: Cast, board: Wallboard) -> None:
    path = new_link(cast.supervisor, board)
    elsewhere = Client(enforce_csrf_checks=True)
    elsewhere.get(path)
    token = elsewhere.cookies["csrftoken"].value
    for headers in ({}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}):
        given = {"csrfmiddlewaretoken": token} if headers else {}
        assert elsewhere.post(path, given, headers=headers).status_code == 403
    assert Client().post(path).status_code == 302


def late(cast: Cast, board: Wallboard) -> None:
    Device.objects.update(expires_at=timezone.now())


def used(cast: Cast, board: Wallboard) -> None:
    one = Device.objects.get()
    assert devices.open_link(one) and devices.open_link(one) is None


def taken(cast: Cast, board: Wallboard) -> None:
    assert revoke(cast.colleague, board).status_code == 204


def gone(cast: Cast, board: Wallboard) -> None:
    window(cast.supervisor).post(f"/wallboards/{board.pk}/delete")


@pytest.mark.parametrize(
    ("act", "status", "words"),
    [
        (late, 410, "This link ended at"),
        (used, 410, "This link was used at"),
        (taken, 410, "This link was taken away at"),
        (gone, 404, "There is no such link"),
    ],
)
def test_what_opens_nothing_says_why(
    cast: Cast, board: Wallboard, act: Callable[[Cast, Wallboard], None], status: int, words: str
) -> None:
    path = new_link(cast.supervisor, board)
    act(cast, board)
    for ask in (Client().get, Client().post):
        browser_answer = ask(path)
        assert browser_answer.status_code == status
        assert words in text(browser_answer)
        assert "makes a new link" in text(browser_answer)
        assert devices.COOKIE not in browser_answer.cookies


def test_guesses_are_counted_and_then_wait(cast: Cast, board: Wallboard) -> None:
    path = new_link(cast.supervisor, board)
    for number in range(20):
        assert Client().get(f"/w/2222-{number:04}").status_code == 404
    for ask in (Client().get, Client().post):
        assert "Too many wrong links" in text(ask(path))
    assert Device.objects.get().opened_at is None
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert elsewhere.post(path).status_code == 302


def test_a_link_ends_after_10_minutes_and_a_screen_90_days_after_it_was_last_on(
    cast: Cast, board: Wallboard
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        path, other = new_link(cast.supervisor, board), new_link(cast.supervisor, board)
        clock.shift(599)
        browser = Client()
        assert browser.post(path).status_code == 302
        clock.shift(1)
        assert Client().post(other).status_code == 410
        key = key_of(browser)
        for _ in range(3):
            clock.shift(timedelta(days=89))
            assert devices.viewers([key]) == {key: device(f"wallboard:{board.pk}")}
        clock.shift(timedelta(days=90))
        assert devices.viewers([key]) == {}
        browser.cookies[devices.COOKIE] = key
        assert "This screen was off for 90 days" in text(browser.get("/screen/"))


# --- the screen ----------------------------------------------------------------------------------------
def test_the_screen_shows_its_wallboard_whole_and_nothing_that_leads_away(
    cast: Cast, board: Wallboard
) -> None:
    both = hang("Two teams", CLAIMS, SALES)
    page = text(opened(cast.supervisor, both).get("/screen/"))
    assert CLAIMS in page and SALES in page
    assert f'data-live-scopes="wallboard:{both.pk}"' in page
    assert 'data-live-address="/screen/live"' in page
    assert not re.findall(r"<(?:a|button|form|input)\b", page)


def test_without_a_cookie_there_is_no_wallboard(cast: Cast, board: Wallboard) -> None:
    for value in ("", "nonsense", "x" * 4000, "\xe9"):
        browser = Client()
        browser.cookies[devices.COOKIE] = value
        answer = browser.get("/screen/")
        assert (answer.status_code, "This screen has no wallboard" in text(answer)) == (404, True)
    # Somebody's session is no screen, and a hash is no key.
    assert window(cast.admin).get("/screen/").status_code == 404
    opened(cast.supervisor, board)
    browser = Client()
    browser.cookies[devices.COOKIE] = str(Device.objects.get().cookie_hash)
    assert browser.get("/screen/").status_code == 404


def test_a_revoked_screen_says_when_and_how_to_go_on(cast: Cast, board: Wallboard) -> None:
    browser = opened(cast.supervisor, board)
    assert revoke(cast.colleague, board).status_code == 204
    assert "Revoked by Luis Ortega" in text(window(cast.colleague).get(f"/wallboards/{board.pk}/screens/"))
    page = browser.get("/screen/")
    assert page.status_code == 410
    assert "This wallboard was taken away at" in text(page) and "makes a new link" in text(page)
    assert CLAIMS not in text(page)


# --- who makes them ------------------------------------------------------------------------------------
def test_only_who_changes_the_whole_wallboard_has_its_screens(cast: Cast, board: Wallboard) -> None:
    both = hang("Two teams", CLAIMS, SALES)
    opened(cast.supervisor, both)
    one = Device.objects.get()
    for user in (cast.agent, cast.stranger, cast.seller):
        client = window(user)
        assert client.get(f"/wallboards/{both.pk}/screens/").status_code in {403, 404}
        assert client.post(f"/wallboards/{both.pk}/screens/new", {"name": "x"}).status_code in {403, 404}
        assert revoke(user, both, one).status_code in {403, 404}
    assert Client().post(f"/wallboards/{both.pk}/screens/new", {"name": "x"}).status_code == 401
    assert Device.objects.get().revoked_at is None
    # Another wallboard's address does not reach it either.
    assert revoke(cast.supervisor, board, one).status_code == 404


def test_an_admin_sees_all_screens_and_revokes_them(cast: Cast, board: Wallboard) -> None:
    browser, admin = opened(cast.supervisor, board), window(cast.admin)
    chosen = {"action": "revoke", "_selected_action": [Device.objects.get().pk]}
    where = "/admin/wallboards/device/"
    for user in (cast.supervisor, cast.agent):
        assert window(user).post(where, chosen).status_code in {302, 403}
    assert browser.get("/screen/").status_code == 200
    stored = Device.objects.get()
    shown = text(admin.get(where)) + text(admin.get(f"{where}{stored.pk}/change/"))
    assert "Entrance screen" in shown
    assert stored.link_hash not in shown and str(stored.cookie_hash) not in shown
    assert admin.post(where, chosen).status_code == 302
    assert browser.get("/screen/").status_code == 410
    assert Command.objects.get(action="revoke-screen").user == cast.admin


def test_each_step_is_in_the_log_with_who(cast: Cast, board: Wallboard) -> None:
    opened(cast.supervisor, board)
    revoke(cast.colleague, board)
    log = Command.objects.filter(subject=f"wallboard:{board.pk}").order_by("created_at")
    assert [(entry.action, entry.user_name, entry.target) for entry in log] == [
        ("make-screen", "Dana Whitfield", "Entrance screen"),
        ("open-screen", "The screen itself", "Entrance screen"),
        ("revoke-screen", "Luis Ortega", "Entrance screen"),
    ]
    shown = text(window(cast.supervisor).get("/activity/?view=commands&days=all"))
    for words in ("Make a screen’s link", "Open a screen’s link", "Revoke screen", "The screen itself"):
        assert words in shown


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_a_screen_needs_a_name(cast: Cast, board: Wallboard, name: str) -> None:
    answer = window(cast.supervisor).post(f"/wallboards/{board.pk}/screens/new", {"name": name})
    assert answer.status_code == 400
    assert not Device.objects.exists()


def test_the_list_says_what_became_of_each(cast: Cast, board: Wallboard) -> None:
    page = window(cast.supervisor).get
    where = f"/wallboards/{board.pk}/screens/"
    assert "No screens yet" in text(page(where))
    with time_machine.travel(NOW, tick=False) as clock:
        new_link(cast.supervisor, board, "Canteen")
        listed = text(page(where))
        # The browser judges by the time: Not opened yet, or never.
        assert 'data-since="2026-11-29T14:32:00Z" data-red="600"' in listed
        assert "the link holds until 14:42" in listed and "its link ended 29 Nov 14:42" in listed
        opened(cast.supervisor, board, "Support room")
        clock.shift(700)
        listed = text(page(where))
        assert 'data-since="2026-11-29T14:32:00Z" data-red="45"' in listed
        assert "Screens, 1" in listed and "Not seen since 29 Nov 14:32:00" in listed
        clock.shift(timedelta(days=91))
        assert "not seen for 90 days" in text(window(cast.supervisor).get(where))


def seen_again(cast: Cast, browser: Client) -> None:
    Device.objects.update(last_seen_at=timezone.now() - timedelta(minutes=5))
    assert browser.get("/screen/").status_code == 200


CHANGES: dict[str, Callable[[Cast, Wallboard, Client], object]] = {
    "a link is made": lambda cast, board, _: new_link(cast.colleague, board, "Canteen"),
    "it is opened": lambda cast, board, _: opened(cast.colleague, board, "Canteen"),
    "one is revoked": lambda cast, board, _: revoke(cast.colleague, board),
    "one is seen again": lambda cast, _, browser: seen_again(cast, browser),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", CHANGES)
async def test_the_list_of_screens_follows(cast: Cast, site: InProcess, what: str) -> None:
    def prepared() -> tuple[Wallboard, Client]:
        made = hang("Front desk", CLAIMS)
        return made, opened(cast.supervisor, made)

    made, browser = await sync_to_async(prepared)()
    session = await session_of_async(cast.supervisor)
    path = f"/wallboards/{made.pk}/screens/"
    await live_equals_reload(site, session, path, lambda: CHANGES[what](cast, made, browser) and None)


# --- everything else of Earshot ------------------------------------------------------------------------
EXAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": "00000000-0000-0000-0000-000000000001", "path": "x"}


def paths(patterns: Any, before: str = "") -> Iterator[str]:
    """One address for each pattern of the site, the admin's included."""
    for found in patterns:
        route = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from paths(found.url_patterns, route)
        elif isinstance(found, URLPattern) and "(?P" not in route:
            yield "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda part: EXAMPLES[part[1] or "str"], route)


def test_its_cookie_opens_no_other_page_and_presses_no_button(cast: Cast, board: Wallboard) -> None:
    """The browser shows it under `/screen/` alone; even shown everywhere, it is worth nothing."""
    device_key = key_of(opened(cast.supervisor, board))
    asked = 0
    every = [*paths(get_resolver().url_patterns), f"/wallboards/{board.pk}/", "/media/x", "/earshot.sqlite3"]
    for path in every:
        if path == "/screen/":
            continue
        for method in ("get", "post"):
            with_cookie, without = Client(), Client()
            with_cookie.cookies[devices.COOKIE] = device_key
            with_cookie.cookies["sessionid"] = device_key
            got, usual = getattr(with_cookie, method)(path), getattr(without, method)(path)
            assert (got.status_code, got.headers.get("Location")) == (
                usual.status_code,
                usual.headers.get("Location"),
            ), path
            assert CLAIMS not in text(got), path
            asked += 1
    assert asked > 150


def test_as_a_bearer_token_it_opens_nothing(cast: Cast, board: Wallboard) -> None:
    key = key_of(opened(cast.supervisor, board))
    for path in ("/api/floor", "/metrics"):
        assert Client().get(path, headers={"Authorization": f"Bearer {key}"}).status_code in {401, 403}


def test_no_board_but_its_own_lets_it_look(cast: Cast, board: Wallboard) -> None:
    other = hang("Sales floor", SALES)
    audience: Audience = device(f"wallboard:{board.pk}").audience
    boards = hub._boards
    assert len(boards) > 10
    keys = ("", "1", str(board.pk), str(other.pk), "x", f"{cast.admin.pk}", f"{cast.admin.pk}:x")
    allowed = {(kind, key) for kind, one in boards.items() for key in keys if one.allowed(audience, key)}
    assert allowed == {("wallboard", str(board.pk))}


# --- live ----------------------------------------------------------------------------------------------
screens = InProcess(asgi.application, devices.COOKIE, "/screen/live")
live = pytest.mark.django_db(transaction=True)


async def code_of(seen: Page) -> int:
    with pytest.raises(Closed) as closed:
        while True:
            await seen.next()
    return closed.value.code


@live
async def test_a_screen_follows_its_queues_and_is_cut_off_when_revoked(
    cast: Cast, board: Wallboard, application: Any
) -> None:
    browser = await sync_to_async(opened)(cast.supervisor, board)
    scope = f"wallboard:{board.pk}"
    async with screens.live(key_of(browser)) as socket:
        seen = Page(socket)
        await seen.watch(scope)
        await seen.next("snapshot")
        before = seen.names()[f"wallboard-{board.pk}"]
        queue = await Queue.objects.aget(name=CLAIMS)
        queue.version += 1
        await queue.asave()
        poke([("queue", CLAIMS)])
        await eventually_async(lambda: moved(seen, f"wallboard-{board.pk}", before))
        answer = await sync_to_async(revoke)(cast.supervisor, board)
        assert answer.status_code == 204
        assert await code_of(seen) == 4410
    async with screens.live(key_of(browser)) as socket:
        assert await code_of(Page(socket)) == 4410


async def moved(seen: Page, fragment: str, before: int) -> bool:
    await seen.next()
    return seen.names()[fragment] > before


@live
@pytest.mark.parametrize("scope", ["floor", "queues", "wallboard:{other}", "health", "telnyx", "phone:1"])
async def test_a_screen_that_asks_for_anything_else_is_cut_off(
    cast: Cast, board: Wallboard, application: Any, scope: str
) -> None:
    other = await sync_to_async(hang)("Sales floor", SALES)
    browser = await sync_to_async(opened)(cast.supervisor, board)
    async with screens.live(key_of(browser)) as socket:
        seen = Page(socket)
        await seen.watch(scope.format(other=other.pk))
        assert await code_of(seen) == 1008
    assert seen.messages == []


@live
async def test_each_socket_takes_its_own_cookie(cast: Cast, board: Wallboard, application: Any) -> None:
    browser = await sync_to_async(opened)(cast.supervisor, board)
    async with InProcess(application).live(key_of(browser)) as socket:
        assert await code_of(Page(socket)) == 4401
    session = await session_of_async(cast.admin)
    async with InProcess(application, "sessionid", "/screen/live").live(session) as socket:
        assert await code_of(Page(socket)) == 4410
