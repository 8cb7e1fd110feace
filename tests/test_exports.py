"""The story of a conference as a file: whole, in order, harmless in a spreadsheet, masked, and logged."""

import csv
import json
from io import StringIO

import pytest
from django.test import Client

from conferences import timeline
from dashboard import exports
from dashboard.models import Command
from tests.support.people import Cast
from tests.support.story import CALLER, CONFERENCE, tell, told

pytestmark = pytest.mark.django_db
STORY = [
    told("call.initiated", 0, CALLER, direction="incoming", **{"from": "+16175550188"}),
    told("conference.created", 1, CALLER),
    told("conference.participant.joined", 2, CALLER),
    told("call.gather.ended", 9, CALLER, digits="=1+1", status="valid"),
    told("conference.ended", 10, reason="all_left"),
]
ADDRESS = f"/conferences/{CONFERENCE}/timeline"


@pytest.fixture
def client(cast: Cast) -> Client:
    tell(STORY)
    client = Client()
    client.force_login(cast.supervisor)
    return client


def test_the_story_is_told_from_its_start(client: Client) -> None:
    answer = client.get(f"{ADDRESS}.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == list(timeline.COLUMNS)
    assert [row[3] for row in rows[1:]] == [
        "Conference started",
        "'+1 617 ••• 0188 joined",
        "'+1 617 ••• 0188 keyed =1+1: valid",
        "Conference ended: everybody left",
    ]
    assert rows[1][:3] == ["2026-11-23T12:00:01.000Z", "event", ""]


def test_it_is_logged_and_so_a_part_of_the_next_one(client: Client) -> None:
    client.get(f"{ADDRESS}.csv")
    rows = json.loads(client.get(f"{ADDRESS}.json").content)
    (mine,) = [row for row in rows if row["kind"] == "command"]
    assert (mine["who"], mine["what"]) == ("Dana Whitfield", "exported the timeline as CSV")
    assert mine["outcome"].startswith("Done")
    logged = Command.objects.order_by("created_at").first()
    assert logged is not None
    assert (logged.state, logged.is_open, logged.detail) == ("done", False, {"form": "csv", "rows": 4})
    page = client.get(f"/conferences/{CONFERENCE}/").content.decode()
    assert "exported the timeline as CSV" in page


def test_the_same_story_is_a_page(client: Client, cast: Cast) -> None:
    client.get(f"{ADDRESS}.csv")
    page = client.get(f"{ADDRESS}/").content.decode()
    parts = [
        "Conference started",
        "0188 joined",
        "keyed =1+1: valid",
        "everybody left",
        "exported the timeline",
    ]
    places = [page.index(words) for words in parts]
    assert places[:4] == sorted(places[:4])
    client.force_login(cast.agent)
    assert client.get(f"{ADDRESS}/").status_code == 403


def test_full_numbers_are_for_who_may_see_them(client: Client, cast: Cast) -> None:
    assert "+1 617 555 0188" not in client.get(f"{ADDRESS}.json").content.decode()
    client.force_login(cast.admin)
    assert "+1 617 555 0188" in client.get(f"{ADDRESS}.json").content.decode()


def test_who_may_not_see_the_floor_gets_and_logs_nothing(client: Client, cast: Cast) -> None:
    for user in (cast.agent, cast.stranger):
        client.force_login(user)
        assert client.get(f"{ADDRESS}.csv").status_code == 403
    assert client.get(f"{ADDRESS}.xml").status_code == 403
    assert not Command.objects.exists()


def test_there_are_two_forms(client: Client) -> None:
    assert client.get(f"{ADDRESS}.xml").status_code == 404
    assert client.get("/conferences/none/timeline.csv").status_code == 404


@pytest.mark.parametrize("text", ["=1+1", "+1 617", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_what_looks_like_a_formula_is_quoted(text: str) -> None:
    assert exports.cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"), [("Anna", "Anna"), (None, ""), (7, "7"), ("1-2", "1-2"), ("", "")]
)
def test_anything_else_is_left_as_it_is(value: object, text: str) -> None:
    assert exports.cell(value) == text
