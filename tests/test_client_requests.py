"""What the client puts on the wire, operation by operation, and what it makes of good answers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest

from telephony.client import TelnyxClient, UnknownOutcome, client, install
from tests.support.answering import Answering, Asked

OK = {"data": {"result": "ok"}}
ODD = "v3:MdI91X4l/we+9p=q"
ESCAPED = "v3%3AMdI91X4l%2Fwe%2B9p%3Dq"
ID = "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"

COMMANDS: list[tuple[Callable[[TelnyxClient], Any], str, dict[str, Any]]] = [
    (lambda c: c.mute("c-1", [ODD]), "/conferences/c-1/actions/mute", {"call_control_ids": [ODD]}),
    (lambda c: c.unmute("c-1", [ODD]), "/conferences/c-1/actions/unmute", {"call_control_ids": [ODD]}),
    (lambda c: c.hold("c-1", ["a", "b"]), "/conferences/c-1/actions/hold", {"call_control_ids": ["a", "b"]}),
    (lambda c: c.unhold("c-1", ["a"]), "/conferences/c-1/actions/unhold", {"call_control_ids": ["a"]}),
    (
        lambda c: c.record_start("c-1", ID),
        "/conferences/c-1/actions/record_start",
        {"format": "mp3", "command_id": ID},
    ),
    (lambda c: c.record_pause("c-1", ID), "/conferences/c-1/actions/record_pause", {"command_id": ID}),
    (lambda c: c.record_resume("c-1", ID), "/conferences/c-1/actions/record_resume", {"command_id": ID}),
    (lambda c: c.record_stop("c-1", ID), "/conferences/c-1/actions/record_stop", {"command_id": ID}),
    (
        lambda c: c.leave_conference("c-1", ODD, ID),
        "/conferences/c-1/actions/leave",
        {"call_control_id": ODD, "command_id": ID},
    ),
    (lambda c: c.end_conference("c-1", ID), "/conferences/c-1/actions/end", {"command_id": ID}),
    (lambda c: c.hangup(ODD, ID), f"/calls/{ESCAPED}/actions/hangup", {"command_id": ID}),
]

READS: list[tuple[Callable[[TelnyxClient], Any], str]] = [
    (lambda c: c.retrieve_conference("c-1"), "/conferences/c-1"),
    (lambda c: c.retrieve_queue("Tier 1/Übung?#"), "/queues/Tier%201%2F%C3%9Cbung%3F%23"),
    (lambda c: c.retrieve_call(ODD), f"/calls/{ESCAPED}"),
]

LISTS: list[tuple[Callable[[TelnyxClient], Any], str, dict[str, list[str]]]] = [
    (
        lambda c: c.list_conferences(status="in_progress", name="Sales 4412"),
        "/conferences",
        {"filter[status]": ["in_progress"], "filter[name]": ["Sales 4412"]},
    ),
    (lambda c: c.list_conferences(), "/conferences", {}),
    (lambda c: c.list_participants("c-1"), "/conferences/c-1/participants", {}),
    (lambda c: c.list_queues(), "/queues", {}),
    (lambda c: c.list_queue_calls("Outage line"), "/queues/Outage%20line/calls", {}),
    (
        lambda c: c.list_webhook_deliveries(
            "failed", datetime(2026, 11, 23, 13, 0, 0, 5, timezone(timedelta(hours=1)))
        ),
        "/webhook_deliveries",
        {"filter[status][eq]": ["failed"], "filter[started_at][gte]": ["2026-11-23T12:00:00.000005Z"]},
    ),
]


@pytest.mark.parametrize(("press", "path", "body"), COMMANDS)
def test_a_command_is_one_post(press: Callable[[TelnyxClient], Any], path: str, body: dict[str, Any]) -> None:
    app = Answering(body=OK)
    assert press(app.client()) == {"result": "ok"}
    [asked] = app.asked
    assert (asked.method, asked.path, asked.body) == ("POST", path, body)
    assert asked.authorization == "Bearer KEY-of-the-test"


@pytest.mark.parametrize(("read", "path"), READS)
def test_a_read_gives_the_object(read: Callable[[TelnyxClient], Any], path: str) -> None:
    app = Answering(body={"data": {"id": "x", "name": None}})
    assert read(app.client()) == {"id": "x", "name": None}
    assert (app.asked[0].method, app.asked[0].path) == ("GET", path)


@pytest.mark.parametrize(("read", "path", "query"), LISTS)
def test_a_list_asks_for_the_largest_pages(
    read: Callable[[TelnyxClient], Any], path: str, query: dict[str, list[str]]
) -> None:
    app = Answering(body={"data": [{"id": "x"}], "meta": {"total_pages": 1}})
    assert read(app.client()) == [{"id": "x"}]
    [asked] = app.asked
    assert asked.path == path
    assert asked.query == query | {"page[number]": ["1"], "page[size]": ["250"]}


def test_a_list_is_read_to_its_end() -> None:
    def page(asked: Asked) -> Any:
        number = int(asked.query["page[number]"][0])
        return {"data": [{"n": number}], "meta": {"page_number": number, "total_pages": 3}}

    assert Answering(answer=page).client().list_queues() == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_a_list_that_shrinks_while_it_is_read_still_ends() -> None:
    def page(asked: Asked) -> Any:
        first = asked.query["page[number]"] == ["1"]
        return {"data": [{"n": 1}] if first else [], "meta": {"total_pages": 1_000_000}}

    assert Answering(answer=page).client().list_queues() == [{"n": 1}]


@pytest.mark.parametrize("meta", [None, {}, {"total_pages": None}, "none"])
def test_a_list_without_its_page_count_is_one_page(meta: Any) -> None:
    assert Answering(body={"data": [{"n": 1}], "meta": meta}).client().list_queues() == [{"n": 1}]


@pytest.mark.parametrize("data", [{}, None, [1], "x"])
def test_a_list_of_something_else_is_unreadable(data: Any) -> None:
    with pytest.raises(UnknownOutcome):
        Answering(body={"data": data}).client().list_queues()


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_a_path_cannot_be_left(part: str) -> None:
    app = Answering(body=OK)
    with pytest.raises(ValueError, match="Telnyx address"):
        app.client().hangup(part, ID)
    assert app.asked == []


def test_204_is_an_empty_object() -> None:
    assert Answering(status=204, body=b"").client().mute("c-1", ["a"]) == {}


def test_it_keeps_what_answers_tell_about_telnyx() -> None:
    ahead = datetime.now(UTC) + timedelta(seconds=90)
    headers = {"x-ratelimit-remaining": "41", "x-ratelimit-reset": "9", "date": format_datetime(ahead, True)}
    app = Answering(body=OK, headers=headers)
    made = app.client()
    assert (made.rate_limit_remaining, made.rate_limit_reset, made.clock_offset, made.latency_ms) == (
        None,
    ) * 4
    made.mute("c-1", ["a"])
    assert (made.rate_limit_remaining, made.rate_limit_reset) == (41, 9.0)
    assert made.clock_offset is not None and 88 < made.clock_offset < 91
    assert made.latency_ms is not None and 0 <= made.latency_ms < 2000


@pytest.mark.parametrize("told", ["", "yesterday", "Mon, 32 Nov 2026 00:00:00 GMT", "9" * 4000])
def test_an_odd_date_is_no_date(told: str) -> None:
    made = Answering(body=OK, headers={"date": told, "x-ratelimit-remaining": "many"}).client()
    made.mute("c-1", ["a"])
    assert (made.clock_offset, made.rate_limit_remaining) == (None, None)


def test_one_client_serves_many_threads() -> None:
    app = Answering(answer=lambda asked: {"data": {"path": asked.path}})
    made = app.client()
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda n: made.retrieve_conference(f"c-{n}")["path"], range(200)))
    assert found == [f"/conferences/c-{n}" for n in range(200)]


def test_the_process_has_one_client_and_tests_may_give_theirs() -> None:
    mine = Answering(body=OK).client()
    install(mine)
    try:
        assert client() is mine
    finally:
        install(None)
    made = client()
    assert made is not mine and made is client()
