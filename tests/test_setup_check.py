"""The set-up check of admins: each thing that can be set wrongly is found, in words, with what to do."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.test import Client

from supervisor_site import webhooks
from supervisor_site.setup_check import WEBHOOKS, Found, Line, check
from telephony.client import Forbidden, NotFound, TelnyxError, Unauthenticated, Unavailable, install
from tests.support.answering import Answering
from tests.support.earshot import Earshot
from tests.support.people import Cast
from tests.support.signing import PUBLIC_KEY
from tests.support.signing_in import window_of
from tests.support.waiting import eventually

ID = "1494404757140276705"
RIGHT = {
    "id": ID,
    "application_name": "Call centre",
    "active": True,
    "webhook_api_version": "2",
    "webhook_event_url": "https://earshot.example.com/webhooks/telnyx",
    "webhook_event_failover_url": "",
    "webhook_timeout_secs": None,
}
HOSTS = ["earshot.example.com"]


def lines(application: Any = RIGHT, problem: TelnyxError | None = None, **changes: Any) -> dict[str, Line]:
    found: dict[str, Any] = {
        "connection_id": ID,
        "public_keys": [PUBLIC_KEY],
        "hosts": HOSTS,
        "application": None if problem else application,
        "problem": problem,
    }
    return {line.name: line for line in check(Found(**found | changes))}


def test_when_all_is_right_every_line_says_so() -> None:
    assert [(line.level, line.todo) for line in lines().values()] == [("ok", "")] * 9


def test_a_log_of_deliveries_that_cannot_be_read_is_named() -> None:
    line = lines(log_refused="Telnyx does not let this API key do it")["Log of deliveries"]
    assert (line.level, line.words) == ("look", "It cannot be read: Telnyx does not let this API key do it.")
    assert line.todo.startswith("Let the API key read webhook deliveries.")


@pytest.mark.parametrize(
    ("field", "value", "name", "level", "words"),
    [
        ("active", False, "Active", "wrong", "switched off"),
        ("webhook_api_version", "1", "Webhook API version", "wrong", "1."),
        ("webhook_api_version", None, "Webhook API version", "wrong", "1."),
        ("webhook_event_url", None, "Webhook URL", "wrong", "None"),
        ("webhook_event_url", "https://[", "Webhook URL", "wrong", "not an address"),
        ("webhook_event_url", "https://earshot.example.com/", "Webhook URL", "wrong", "its path"),
        ("webhook_event_url", "https://other.example.com/webhooks/telnyx", "Webhook URL", "wrong", "another"),
        ("webhook_event_url", "http://earshot.example.com/webhooks/telnyx", "Webhook URL", "look", "unencr"),
        (
            "webhook_event_failover_url",
            "https://other.example.com/hooks",
            "Failover URL",
            "wrong",
            "its path",
        ),
        ("webhook_timeout_secs", 1, "Webhook time-out", "wrong", "1 s."),
        ("webhook_timeout_secs", 0, "Webhook time-out", "wrong", "0 s."),
    ],
)
def test_what_is_wrong_in_the_portal_is_named(
    field: str, value: Any, name: str, level: str, words: str
) -> None:
    found = lines(RIGHT | {field: value})
    line = found.pop(name)
    assert (line.level, words in line.words) == (level, True)
    assert line.todo.startswith("In Telnyx's portal")
    assert {other.level for other in found.values()} == {"ok"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("webhook_event_url", "https://EARSHOT.example.com:443/webhooks/telnyx/"),
        ("webhook_event_failover_url", "https://earshot.example.com/webhooks/telnyx"),
        ("webhook_timeout_secs", 30),
    ],
)
def test_other_right_values_are_right(field: str, value: Any) -> None:
    assert {line.level for line in lines(RIGHT | {field: value}).values()} == {"ok"}


@pytest.mark.parametrize(
    ("host", "right"),
    [("*", True), (".example.com", True), ("earshot.example.com:8000", True), ("example.com", False)],
)
def test_the_server_s_name_is_compared_as_django_does(host: str, right: bool) -> None:
    assert (lines(hosts=[host])["Webhook URL"].level == "ok") is right


@pytest.mark.parametrize(
    ("keys", "level", "words"),
    [
        ([], "wrong", "not set"),
        (["nonsense!"], "wrong", "not base64"),
        (["c2hvcnQ="], "wrong", "5 bytes"),
        ([PUBLIC_KEY, PUBLIC_KEY], "ok", "2 are set"),
    ],
)
def test_the_public_key_is_looked_at(keys: list[str], level: str, words: str) -> None:
    line = lines(public_keys=keys)["Public key"]
    assert (line.level, words in line.words) == (level, True)
    assert ("TELNYX_PUBLIC_KEY" in line.todo) is (level == "wrong")


def test_a_refused_key_names_its_setting() -> None:
    found = lines(problem=Unauthenticated("10009", "Authentication failed", "", 401))
    assert found["API key"].level == "wrong" and "TELNYX_API_KEY" in found["API key"].todo
    assert found["Application"].level == "look"
    assert set(found) == {"API key", "Public key", "Application"}


@pytest.mark.parametrize(
    "problem", [Unavailable(status=503), Unavailable(), Forbidden("", "", "", 403)], ids=str
)
def test_what_telnyx_did_not_say_is_not_known(problem: TelnyxError) -> None:
    assert {lines(problem=problem)[name].level for name in ("API key", "Application")} == {"look"}


def test_an_application_of_nobody_is_wrong_though_the_key_is_right() -> None:
    found = lines(problem=NotFound("10005", "Resource not found", "", 404))
    assert found["API key"].level == "ok"
    assert found["Application"].level == "wrong" and "TELNYX_CONNECTION_ID" in found["Application"].todo


def test_without_an_application_everything_of_the_account_is_shown() -> None:
    found = lines(application=None, connection_id="")
    assert (found["API key"].level, found["Application"].level) == ("ok", "look")


def test_the_address_is_the_door_s() -> None:
    assert WEBHOOKS in webhooks.PATHS and f"{WEBHOOKS}/" in webhooks.PATHS


# --- the page --------------------------------------------------------------------------------------------
@pytest.fixture
def telnyx() -> Iterator[Answering]:
    app = Answering(body={"data": RIGHT | {"webhook_api_version": "1"}})
    install(app.client())
    yield app
    install(None)


@pytest.mark.django_db
def test_the_page_shows_what_telnyx_answers(cast: Cast, telnyx: Answering) -> None:
    page = window_of(cast.admin).get("/admin/set-up/").content.decode()
    assert "choose API v2" in page and "Call centre" in page
    assert "lines have to be put right" in page
    assert [asked.path for asked in telnyx.asked] == [f"/call_control_applications/{ID}"]


@pytest.mark.django_db
def test_only_admins_see_it(cast: Cast, telnyx: Answering) -> None:
    assert window_of(cast.supervisor).get("/admin/set-up/").status_code in {302, 403}
    assert Client().get("/admin/set-up/").status_code == 302
    assert telnyx.asked == []


@pytest.mark.django_db
def test_the_admin_s_start_and_the_health_page_lead_to_it(cast: Cast) -> None:
    window = window_of(cast.admin)
    for page in ("/admin/", "/health/"):
        assert 'href="/admin/set-up/"' in window.get(page).content.decode()


def test_against_a_simulator_everything_is_set_up(earshot: Earshot) -> None:
    page = earshot.get("/admin/set-up/", "admin").text
    assert "⬣ Wrong" not in page and page.count("✓ Right") == 8
    assert "numbers travel unencrypted" in page  # its address is http, on this machine
    assert "1 line should be looked at" in page


def test_a_key_that_is_good_again_takes_the_banner_away(earshot: Earshot) -> None:
    earshot.simulator.refuse_key()
    eventually(lambda: "TELNYX_API_KEY" in earshot.get("/health/", "admin").text, within=15)
    assert "Telnyx does not accept it (401)." in earshot.get("/admin/set-up/", "admin").text
    earshot.simulator.no_faults()

    def looked_at() -> httpx.Response:
        return earshot.get("/admin/set-up/", "admin")

    eventually(lambda: "Telnyx accepts it." in looked_at().text, within=5)
    eventually(lambda: "Telnyx refuses the API key" not in earshot.get("/queues/", "admin").text, within=5)
