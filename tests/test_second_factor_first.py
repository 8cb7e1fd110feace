"""REQUIRE_SECOND_FACTOR: admins and who may hear recordings do nothing before they have a second factor."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from channels.db import database_sync_to_async
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from dashboard.models import User
from dashboard.viewers import viewers
from tests.support.environment import ROOT, process_environment
from tests.support.people import PASSWORD, Cast
from tests.support.signing_in import enter, window_of, words
from tests.support.sites import InProcess, session_of, session_of_async

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SAID = "Set up a second factor first."


@pytest.fixture(autouse=True)
def required(settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


def passkey(user: User) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"credential": {}})


FACTORS: list[Callable[[User], object]] = [lambda user: TOTP.activate(user, SECRET), passkey]


@pytest.mark.parametrize("path", ["/floor/", "/queues/", "/health/", "/admin/"])
def test_every_page_says_so_and_leads_there(cast: Cast, path: str) -> None:
    for user in (cast.admin, cast.supervisor):
        answer = window_of(user).get(path, follow=True)
        assert answer.status_code == 403
        assert SAID in words(answer.content)
        assert 'href="/accounts/2fa/"' in answer.content.decode()


def test_after_the_password_the_first_page_says_so(cast: Cast, client: Client) -> None:
    enter(client, cast.admin.email, PASSWORD)
    assert SAID in words(client.get("/", follow=True).content)
    assert client.get("/accounts/2fa/").status_code == 200


def test_the_first_administrator_gets_in_and_sets_it_up(db: None, client: Client) -> None:
    User.objects.create_superuser("first@earshot.example", PASSWORD, name="First")
    enter(client, "first@earshot.example", PASSWORD)
    assert SAID in words(client.get("/admin/", follow=True).content)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert "Key" in words(client.get("/accounts/2fa/totp/activate/").content)
    TOTP.activate(User.objects.get(), SECRET)
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("set_up", FACTORS, ids=["app", "passkey"])
def test_with_a_factor_all_is_open(cast: Cast, set_up: Callable[[User], object]) -> None:
    set_up(cast.admin)
    desk = window_of(cast.admin)
    assert desk.get("/floor/").status_code == desk.get("/admin/").status_code == 200


def test_recovery_codes_alone_are_no_factor(cast: Cast) -> None:
    RecoveryCodes.activate(cast.admin)
    assert window_of(cast.admin).get("/floor/").status_code == 403


def test_agents_need_none_and_strangers_see_their_own_words(cast: Cast) -> None:
    assert window_of(cast.agent).get("/queues/").status_code == 200
    said = words(window_of(cast.stranger).get("/queues/").content)
    assert "Your role does not allow this page" in said and SAID not in said


def test_without_the_setting_nobody_is_asked(cast: Cast, settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    assert window_of(cast.admin).get("/admin/").status_code == 200


def test_buttons_and_programs_are_refused(cast: Cast) -> None:
    desk = window_of(cast.admin)
    assert desk.post("/health/letters/replay-all").status_code == 403
    answer = desk.get("/api/floor")
    assert (answer.status_code, answer.json()) == (403, {"error": SAID})


async def test_no_socket_tells_anything(cast: Cast, site: InProcess) -> None:
    async def first(user: User) -> str:
        async with site.live(await session_of_async(user)) as socket:
            await socket.send(json.dumps({"watch": ["floor"]}))
            try:
                return str(json.loads(await socket.receive())["type"])
            except Exception as closed:
                return str(closed)

    assert await first(cast.supervisor) == "closed with 4403"
    await database_sync_to_async(passkey)(cast.supervisor)
    assert await first(cast.supervisor) == "snapshot"


def test_sockets_of_many_people_are_looked_up_at_once(cast: Cast) -> None:
    def queries(people: list[User]) -> int:
        sessions = [session_of(user) for user in people]
        with CaptureQueriesContext(connection) as asked:
            assert len(viewers(sessions)) == len(people)
        return len(asked)

    # One of them asks for the teams of those who do not see everything.
    assert queries([cast.supervisor]) == queries([cast.supervisor, cast.colleague, cast.admin]) == 5


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HTTPS": "1"}, True),
        ({"HTTPS": "0"}, False),
        ({"HTTPS": "1", "REQUIRE_SECOND_FACTOR": "0"}, False),
        ({"HTTPS": "0", "REQUIRE_SECOND_FACTOR": "1"}, True),
    ],
    ids=str,
)
def test_it_is_on_where_browsers_come_by_https(environment: dict[str, str], expected: bool) -> None:
    given = process_environment("sqlite:///:memory:")
    del given["REQUIRE_SECOND_FACTOR"]
    read = "import supervisor_site.settings as s; print(s.REQUIRE_SECOND_FACTOR)"
    command = [sys.executable, "-c", read]
    done = subprocess.run(
        command, cwd=ROOT, env=given | environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(expected)
