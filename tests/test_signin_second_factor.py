"""The second factor: set up, asked for after the password, used once, and a recovery code instead."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from dashboard import tries
from dashboard.models import User
from tests.support.people import PASSWORD, Cast
from tests.support.signing_in import enter, signed_in, words

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOON = datetime(2026, 11, 23, 12, 0, 12, tzinfo=UTC)
CODE = "/accounts/2fa/authenticate/"
INDEX = "/accounts/2fa/"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    cache.clear()  # tries that other tests counted
    with time_machine.travel(NOON, tick=False):
        yield


def code_at(seconds: int = 0, secret: str = SECRET) -> str:
    return str(format_hotp_value(hotp_value(secret, (int(NOON.timestamp()) + seconds) // 30)))


def wrong_code() -> str:
    return f"{(int(code_at()) + 1) % 1_000_000:06}"


def ask(client: Client, code: str) -> str:
    return words(client.post(CODE, {"code": code}).content)


def confirm(client: Client, user: User) -> None:
    """Signs in and confirms the password again, as the pages that change a factor want it."""
    enter(client, user.email, PASSWORD)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


@pytest.fixture
def at_the_code(cast: Cast, client: Client) -> Client:
    TOTP.activate(cast.admin, SECRET)
    answer = client.post("/accounts/login/", {"login": cast.admin.email, "password": PASSWORD})
    assert answer["location"] == CODE
    return client


def test_the_password_alone_does_not_sign_in(at_the_code: Client) -> None:
    said = words(at_the_code.get(CODE).content)
    assert "Six digits from your authenticator app, for admin@earshot.example." in said
    assert not signed_in(at_the_code)
    assert at_the_code.get("/admin/").status_code == 302


def test_the_right_code_signs_in_and_never_again(at_the_code: Client, cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False):
        assert at_the_code.post(CODE, {"code": f"{code_at()[:3]} {code_at()[3:]}"}).status_code == 302
        assert signed_in(at_the_code)
        again = Client()
        enter(again, cast.admin.email, PASSWORD)
        said = ask(again, code_at())
        assert "This code was used already. Wait for the next one, 18 s." in said
        assert not signed_in(again)


def test_wrong_codes_are_counted_and_then_wait(at_the_code: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        for left in ("4 more tries", "3 more tries", "2 more tries", "1 more try"):
            assert f"Wrong code. {left}." in ask(at_the_code, wrong_code())
        for _ in range(2):
            assert "Locked until 12:15:12. Too many wrong codes." in ask(at_the_code, wrong_code())
        assert "Locked" in ask(at_the_code, code_at())
        assert not signed_in(at_the_code)


def test_an_unlocked_account_may_try_codes_again(at_the_code: Client, cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(6):
            ask(at_the_code, wrong_code())
        tries.unlock(at_the_code.get(CODE).wsgi_request, cast.admin.email, cast.admin.pk)
        ask(at_the_code, code_at())
    assert signed_in(at_the_code)


@pytest.mark.parametrize("code", ["", "      ", "１２３４５６", "abcdef", "0" * 500, "\x00"])
def test_odd_codes_are_only_wrong(at_the_code: Client, code: str) -> None:
    answer = at_the_code.post(CODE, {"code": code})
    assert answer.status_code == 200
    assert not signed_in(at_the_code)


def test_a_recovery_code_signs_in_once(cast: Cast, client: Client) -> None:
    confirm(client, cast.admin)
    secret = shown_secret(client)
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_at(secret=secret)}, follow=True)
    assert "10 of 10 left" in words(answer.content)
    code = re.findall(r"<li>(\d{8})</li>", answer.content.decode())[0]

    other = Client()
    enter(other, cast.admin.email, PASSWORD)
    assert "One of your recovery codes" in words(other.get(CODE, {"use": "recovery-code"}).content)
    other.post(f"{CODE}?use=recovery-code", {"code": code})
    assert signed_in(other)
    assert "Signed in with a recovery code. 9 left." in words(other.get(INDEX).content)

    third = Client()
    enter(third, cast.admin.email, PASSWORD)
    assert "Wrong code." in ask(third, code)
    assert not signed_in(third)


def shown_secret(client: Client) -> str:
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    assert b'src="data:image/svg+xml' in page.content
    return page.context["form"].secret  # type: ignore[no-any-return]


def test_changing_factors_wants_the_password_again(cast: Cast, client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        enter(client, cast.admin.email, PASSWORD)
        page = client.get("/accounts/2fa/totp/activate/")
        assert page.status_code == 302 and page["location"].startswith("/accounts/reauthenticate/")
        asked = client.get(page["location"])
        assert "Confirm it is you" in words(asked.content)
        refused = client.post(page["location"], {"password": "wrong"})
        assert "Wrong password." in words(refused.content)
        assert client.post(page["location"], {"password": PASSWORD})["location"].endswith("/totp/activate/")


def test_every_page_of_the_factors_opens(cast: Cast, client: Client) -> None:
    confirm(client, cast.supervisor)
    assert "Made with the first second factor" in words(client.get(INDEX).content)
    assert "Add a passkey" in words(client.get("/accounts/2fa/webauthn/add/").content)
    assert "Passkeys" in words(client.get("/accounts/2fa/webauthn/").content)
    TOTP.activate(cast.supervisor, SECRET)
    assert "Make recovery codes?" in words(client.get("/accounts/2fa/recovery-codes/generate/").content)
    made = client.post("/accounts/2fa/recovery-codes/generate/", follow=True)
    assert "10 of 10 left" in words(made.content)
    download = client.get("/accounts/2fa/recovery-codes/download/")
    assert download["content-type"] == "text/plain" and len(re.findall(rb"\d{8}", download.content)) == 10
    assert "Make new recovery codes?" in words(client.get("/accounts/2fa/recovery-codes/generate/").content)
    assert "Switch the authenticator app off?" in words(client.get("/accounts/2fa/totp/deactivate/").content)
    assert "10 left, each works once" in words(client.get(INDEX).content)
    off = client.post("/accounts/2fa/totp/deactivate/", follow=True)
    assert "The authenticator app is off." in words(off.content)
    assert not Authenticator.objects.exists()


def test_strangers_see_no_page_of_the_factors(client: Client) -> None:
    for path in (
        "",
        "totp/activate/",
        "recovery-codes/",
        "recovery-codes/download/",
        "webauthn/",
        "webauthn/add/",
    ):
        answer = client.get(INDEX + path)
        assert answer.status_code == 302 and answer["location"].startswith("/accounts/login/")


def test_nobody_touches_the_passkey_of_another(cast: Cast, client: Client) -> None:
    data: dict[str, Any] = {"name": "Key", "credential": {}}
    key = Authenticator.objects.create(user=cast.admin, type=Authenticator.Type.WEBAUTHN, data=data)
    confirm(client, cast.supervisor)
    for verb in ("remove", "edit"):
        assert client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/{verb}/").status_code == 404


# --- this device is not asked again ----------------------------------------------------------------------
TRUSTED = "mfa_trusted"


def signs_in_again(client: Client, user: User, hours: float = 0) -> bool:
    """Signed out and in again on the same device, so much later: whether the password alone is enough."""
    with time_machine.travel(NOON + timedelta(hours=hours), tick=False):
        client.post("/accounts/logout/")
        enter(client, user.email, PASSWORD)
        return signed_in(client)


@pytest.fixture
def trusted(at_the_code: Client) -> Client:
    assert "Do not ask on this device for 12 hours" in words(at_the_code.get(CODE).content)
    answer = at_the_code.post(CODE, {"code": code_at(), "trust": "on"})
    assert answer["location"] == "/"
    return at_the_code


def test_a_device_may_not_be_asked_for_12_hours(trusted: Client, cast: Cast) -> None:
    cookie = trusted.cookies[TRUSTED]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (12 * 3600, True, "Lax")
    assert signs_in_again(trusted, cast.admin)
    assert signs_in_again(trusted, cast.admin, hours=11.9)
    assert not signs_in_again(trusted, cast.admin, hours=12.1)
    assert not signs_in_again(Client(), cast.admin), "another device is asked"


def test_only_the_box_and_the_right_code_are_a_reason(at_the_code: Client, cast: Cast) -> None:
    ask(at_the_code, wrong_code())
    at_the_code.post(CODE, {"code": wrong_code(), "trust": "on"})
    assert TRUSTED not in at_the_code.cookies
    assert at_the_code.post(CODE, {"code": code_at()}).status_code == 302
    assert TRUSTED not in at_the_code.cookies
    assert not signs_in_again(at_the_code, cast.admin)


def test_a_password_alone_is_no_reason(cast: Cast, client: Client) -> None:
    client.post("/accounts/login/", {"login": cast.supervisor.email, "password": PASSWORD, "trust": "on"})
    assert signed_in(client)
    assert TRUSTED not in client.cookies


def test_it_is_for_one_person(trusted: Client, cast: Cast) -> None:
    TOTP.activate(cast.supervisor, SECRET)
    assert not signs_in_again(trusted, cast.supervisor)


def test_it_ends_when_the_password_or_a_factor_changes(trusted: Client, cast: Cast) -> None:
    Authenticator.objects.all().delete()
    TOTP.activate(cast.admin, SECRET)
    assert not signs_in_again(trusted, cast.admin)


def test_a_forged_cookie_is_nothing(trusted: Client, cast: Cast) -> None:
    trusted.cookies[TRUSTED] = trusted.cookies[TRUSTED].value[:-1] + "x"
    assert not signs_in_again(trusted, cast.admin)


def test_allauth_s_own_page_of_trust_is_never_shown(at_the_code: Client) -> None:
    assert at_the_code.get("/accounts/2fa/trust/")["location"].startswith("/accounts/")
    at_the_code.post(CODE, {"code": code_at()})
    assert at_the_code.get("/accounts/2fa/trust/").status_code == 302
