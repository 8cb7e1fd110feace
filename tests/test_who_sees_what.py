"""Pages and the API through the same rights: supervisors the floor, agents queues, strangers nothing."""

import re

import pytest
from django.test import Client

from dashboard import tokens
from dashboard.models import User
from tests.support.people import Cast
from tests.support.story import AGENT, CALLER, CONFERENCE, tell, told

pytestmark = pytest.mark.django_db

NUMBERS = {"from": "+16175550188", "to": "+18005550110"}
WAITING = "v3:waiting"


@pytest.fixture
def busy() -> None:
    tell(
        [
            told("call.initiated", 0, CALLER, direction="incoming", **NUMBERS),
            told(
                "call.initiated",
                1,
                AGENT,
                direction="outgoing",
                **{"from": "+18005550110", "to": "+13125550147"},
            ),
            told("conference.participant.joined", 2, CALLER),
            told("conference.participant.joined", 3, AGENT),
            told("call.initiated", 4, WAITING, direction="incoming", **{**NUMBERS, "from": "+14155550142"}),
            told("call.enqueued", 5, WAITING, queue="Claims"),
        ]
    )


def page(user: User, path: str) -> tuple[int, str]:
    client = Client()
    client.force_login(user)
    answer = client.get(path)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("path", ["/floor/", f"/conferences/{CONFERENCE}/", f"/floor/pane/{CONFERENCE}/"])
def test_a_supervisor_sees_names_and_masked_numbers(cast: Cast, busy: None, path: str) -> None:
    status, html = page(cast.supervisor, path)
    assert status == 200
    assert "Priya Nair" in html
    assert "+1 617 ••• 0188" in html
    assert "617555" not in html.replace(" ", "")


def test_an_admin_sees_full_numbers(cast: Cast, busy: None) -> None:
    assert "+1 617 555 0188" in page(cast.admin, "/floor/")[1]


@pytest.mark.parametrize("path", ["/floor/", f"/conferences/{CONFERENCE}/", "/conferences/ended/"])
def test_an_agent_may_not_see_conferences(cast: Cast, busy: None, path: str) -> None:
    status, html = page(cast.agent, path)
    assert status == 403
    assert CONFERENCE not in html


def test_an_agent_sees_queues_without_buttons_and_control_ids(cast: Cast, busy: None) -> None:
    status, html = page(cast.agent, "/queues/")
    assert status == 200
    (number,) = re.findall(r'href="/queues/(\d+)/"', html)[:1]
    status, html = page(cast.agent, f"/queues/{number}/")
    assert status == 200
    assert "+1 415 ••• 0142" in html
    assert "data-command" not in html
    assert WAITING not in html


def test_home_is_the_page_of_the_role(cast: Cast) -> None:
    client = Client()
    for user, place in ((cast.supervisor, "/floor/"), (cast.agent, "/my-calls/"), (cast.admin, "/floor/")):
        client.force_login(user)
        assert client.get("/").headers["Location"] == place


@pytest.mark.parametrize("path", ["/floor/", "/queues/", f"/conferences/{CONFERENCE}/"])
def test_a_stranger_sees_nothing(cast: Cast, busy: None, path: str) -> None:
    assert page(cast.stranger, path)[0] == 403


def test_nobody_is_sent_to_sign_in(busy: None) -> None:
    answer = Client().get("/floor/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=/floor/")


def test_the_api_gives_what_the_pages_show(cast: Cast, busy: None) -> None:
    token = tokens.create("program", "supervisor")
    answer = Client().get("/api/floor", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {
        "conferences": [
            {
                "id": CONFERENCE,
                "name": "",
                "status": "in_progress",
                "floor": None,
                "recording": "off",
                "version": 2,
                "participants": [
                    {
                        "call_control_id": leg,
                        "label": label,
                        "muted": False,
                        "on_hold": False,
                        "supervisor_role": "none",
                    }
                    for leg, label in ((AGENT, "Priya Nair"), (CALLER, "+1 617 ••• 0188"))
                ],
            }
        ],
        "bridged_calls": [],
        "queues": [
            {
                "name": "Claims",
                "max_size": None,
                "version": 1,
                "waiting": [
                    {"call_control_id": WAITING, "position": 1, "enqueued_at": "2026-11-23T12:00:05.000000Z"}
                ],
            }
        ],
    }


def test_an_agents_token_gives_queues_without_control_ids(busy: None) -> None:
    token = tokens.create("wall", "agent")
    floor = Client().get("/api/floor", headers={"Authorization": f"Bearer {token}"}).json()
    assert floor["conferences"] == []
    assert [caller["call_control_id"] for caller in floor["queues"][0]["waiting"]] == [None]


def test_the_api_refuses_who_has_no_right(cast: Cast) -> None:
    assert Client().get("/api/floor").status_code == 401
    assert Client().get("/api/floor", headers={"Authorization": "Bearer nonsense"}).status_code == 401
    client = Client()
    client.force_login(cast.stranger)
    assert client.get("/api/floor").status_code == 403


def test_preferences_are_kept_per_person(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.supervisor)
    assert client.post("/preferences", {"theme": "dark", "compact": "true"}).status_code == 204
    assert client.post("/preferences", {"theme": "pink", "compact": "maybe"}).status_code == 204
    cast.supervisor.refresh_from_db()
    assert (cast.supervisor.theme, cast.supervisor.compact) == ("dark", True)
    cast.colleague.refresh_from_db()
    assert (cast.colleague.theme, cast.colleague.compact) == ("system", False)
