"""Signing in: who gets in, what refusal says, and that unknown addresses tell nothing."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, override_settings

from dashboard import tries
from dashboard.models import User
from tests.support.hashing import CountingHasher
from tests.support.people import PASSWORD, Cast
from tests.support.signing_in import LOGIN, enter, signed_in, words

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_tries_before() -> None:
    cache.clear()


def test_each_person_gets_in_and_out(cast: Cast) -> None:
    for person in cast:
        client = Client()
        answer = client.post(LOGIN, {"login": person.email.upper(), "password": PASSWORD})
        assert (answer.status_code, answer["location"]) == (302, "/")
        assert signed_in(client)
        assert client.get("/accounts/logout/").status_code == 200
        assert signed_in(client)  # a link or a picture signs nobody out
        answer = client.post("/accounts/logout/")
        assert answer["location"] == LOGIN
        assert not signed_in(client)
        assert re.search(r"Signed out at \d\d:\d\d\.", words(client.get(LOGIN).content))


def test_it_goes_on_to_the_page_that_was_asked_for(cast: Cast, client: Client) -> None:
    page = client.get(LOGIN, {"next": "/queues/"})
    assert '<input type="hidden" name="next" value="/queues/">' in page.content.decode()
    data = {"login": cast.agent.email, "password": PASSWORD}
    assert client.post(LOGIN, data | {"next": "/queues/"})["location"] == "/queues/"
    client.logout()
    assert client.post(LOGIN, data | {"next": "https://elsewhere.test/"})["location"] == "/"


def test_somebody_switched_off_does_not_get_in(cast: Cast, client: Client) -> None:
    User.objects.filter(pk=cast.agent.pk).update(is_active=False)
    answer = client.post(LOGIN, {"login": cast.agent.email, "password": PASSWORD}, follow=True)
    assert "This account is switched off" in words(answer.content)
    assert not signed_in(client)
    assert "Wrong email or password" in enter(client, cast.agent.email, "wrong")[1]


@pytest.mark.parametrize("known", [True, False])
def test_wrong_tries_are_counted_and_then_wait(cast: Cast, client: Client, known: bool) -> None:
    email = cast.agent.email if known else "nobody@earshot.example"
    with time_machine.travel(NOON, tick=False) as clock:
        for left in ("4 more tries", "3 more tries", "2 more tries", "1 more try"):
            status, said = enter(client, email, "wrong")
            assert status == 200
            assert "Wrong email or password." in said
            assert f"{left}, then this account waits 15 minutes on this network." in said
            clock.shift(10)
        for _ in range(2):
            said = enter(client, email, "wrong")[1]
            assert "Locked until 12:15:00" in said
            assert "Too many wrong tries from this network." in said
            assert "An admin can unlock it sooner." in said
        enter(client, email, PASSWORD)
        assert not signed_in(client)
        clock.move_to(NOON + timedelta(minutes=15, seconds=1))
        enter(client, email, PASSWORD)
        assert signed_in(client) is known


def test_one_network_does_not_lock_another_out(cast: Cast) -> None:
    for _ in range(6):
        enter(Client(), cast.agent.email, "wrong", REMOTE_ADDR="203.0.113.7")
    elsewhere = Client(REMOTE_ADDR="198.51.100.9")
    enter(elsewhere, cast.agent.email, PASSWORD)
    assert signed_in(elsewhere)


def test_one_account_does_not_lock_another_out(cast: Cast, client: Client) -> None:
    for _ in range(6):
        enter(client, cast.agent.email, "wrong")
    enter(client, cast.colleague.email, PASSWORD)
    assert signed_in(client)


def test_a_network_that_tries_many_addresses_waits(cast: Cast, client: Client) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(60):
            said = enter(client, f"guess-{number}@earshot.example", "wrong")[1]
            assert ("Wrong email" in said) is (number < 59)
            clock.shift(2)
        said = enter(client, cast.agent.email, PASSWORD)[1]
        assert "Locked until 12:15:00" in said and "admin" not in said.partition("Ask your admin")[0]
        assert not signed_in(client)


def test_too_many_requests_at_once_get_a_page_of_ours(cast: Cast, client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(60):
            client.post(LOGIN, {"login": "not an address", "password": "x"})
        answer = client.post(LOGIN, {"login": cast.agent.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert "Too many tries from this network" in words(answer.content)


def test_an_unlocked_account_has_its_tries_again(cast: Cast, client: Client) -> None:
    for _ in range(6):
        enter(client, cast.agent.email, "wrong")
    request = client.get(LOGIN).wsgi_request
    tries.unlock(request, cast.agent.email, cast.agent.pk)
    enter(client, cast.agent.email, PASSWORD)
    assert signed_in(client)


@override_settings(PASSWORD_HASHERS=["tests.support.hashing.CountingHasher"])
def test_an_unknown_address_takes_the_same_work(cast: Cast, client: Client) -> None:
    """Hashing is nearly all of the time, so time does not tell whether there is such an account."""

    def work(email: str) -> int:
        before = CountingHasher.worked
        enter(client, email, "wrong")
        return CountingHasher.worked - before

    cast.agent.set_password(PASSWORD)
    cast.agent.save()
    assert work("nobody@earshot.example") == work(cast.agent.email) == 1


@pytest.mark.parametrize("given", [{}, {"login": "", "password": ""}, {"login": "dana", "password": "x"}])
def test_half_an_entry_is_told_and_not_counted(cast: Cast, client: Client, given: dict[str, str]) -> None:
    for _ in range(7):
        said = words(client.post(LOGIN, given).content)
        assert "Write your email and your password." in said
    enter(client, cast.agent.email, PASSWORD)
    assert signed_in(client)


@pytest.mark.parametrize(
    "path",
    ["signup/", "signup/passkey/", "password/reset/", "email/", "confirm-email/", "login/code/", "3rdparty/"],
)
def test_there_is_no_sign_up_and_no_way_round(client: Client, path: str) -> None:
    assert client.get(f"/accounts/{path}").status_code == 404


def test_the_session_lasts_twelve_hours_and_only_the_server_reads_it(cast: Cast, client: Client) -> None:
    enter(client, cast.agent.email, PASSWORD)
    cookie = client.cookies["sessionid"]
    assert cookie["max-age"] == 12 * 3600
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")


def test_the_password_is_changed_by_who_knows_it(cast: Cast, client: Client) -> None:
    enter(client, cast.agent.email, PASSWORD)
    new = "a much better battery"
    given = {"oldpassword": "wrong", "password1": new, "password2": new}
    assert "This is not your password." in words(client.post("/accounts/password/change/", given).content)
    answer = client.post("/accounts/password/change/", given | {"oldpassword": PASSWORD}, follow=True)
    assert "The password is changed." in words(answer.content)
    assert signed_in(client)
    other = Client()
    enter(other, cast.agent.email, new)
    assert signed_in(other)


@pytest.mark.parametrize(
    "odd", ["a\x00b@earshot.example", "ü@earshot.example", "x" * 5000 + "@earshot.example", "\ud800"]
)
def test_odd_addresses_are_only_wrong(cast: Cast, client: Client, odd: str) -> None:
    form = urlencode({"login": odd, "password": "wrong\x00"}, errors="surrogatepass")
    answer = client.post(LOGIN, form, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert not signed_in(client)


def test_a_form_from_elsewhere_is_refused_in_words(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(LOGIN, {"login": cast.agent.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert "This page was too old" in words(answer.content)
    assert not signed_in(client)
