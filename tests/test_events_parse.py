"""What an authentic body says, and that no body can do harm."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.events import Event, Unreadable, encode, identity, moment, parse
from tests.support.events import event

RECEIVED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
AT = "2026-11-23T09:29:58.521992Z"
AT_TIME = datetime(2026, 11, 23, 9, 29, 58, 521992, tzinfo=UTC)


def read(body: bytes | str | dict[str, Any]) -> Event:
    raw = json.dumps(body).encode() if isinstance(body, dict) else body
    raw = raw.encode() if isinstance(raw, str) else raw
    return parse(raw, source="webhook", received_at=RECEIVED)


def data(**changes: Any) -> dict[str, Any]:
    return {
        "data": {"id": "e1", "event_type": "call.hangup", "occurred_at": AT, "payload": {"a": 1}} | changes
    }


@pytest.mark.parametrize("wrapped", [True, False])
def test_wrapped_and_unwrapped_say_the_same(wrapped: bool) -> None:
    body = event("conference.floor.changed", at=AT, event_id="e1", wrapped=wrapped, conference_id="c1")
    found = read(body)
    assert (found.id, found.type, found.at) == ("e1", "conference.floor.changed", AT_TIME)
    assert found.source == "webhook"
    assert found.payload["conference_id"] == "c1"
    assert identity(body) == ("e1", "conference.floor.changed")


def test_the_time_of_the_envelope_goes_before_that_of_the_payload() -> None:
    earlier = {"occurred_at": "2026-11-23T08:00:00Z"}
    assert read(data(payload=earlier)).at == AT_TIME
    assert read(data(occurred_at=None, payload=earlier)).at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert read(data(occurred_at=None)).at == read(data(occurred_at="")).at == RECEIVED


def test_a_recording_is_dated_by_its_end() -> None:
    times = {"recording_ended_at": "2026-11-23T09:00:00Z", "occurred_at": AT}
    saved = data(event_type="conference.recording.saved", payload=times)
    assert read(saved).at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert read(data(payload=times)).at == AT_TIME
    assert read(data(event_type="conference.recording.saved")).at == AT_TIME


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T10:29:58.521992+01:00", AT_TIME),
        ("2026-11-23T09:29:58.521992", AT_TIME),
        ("2026-11-23T09:29:58.521992123Z", AT_TIME),
        ("2019-01-23T18:10:02.574Z", datetime(2019, 1, 23, 18, 10, 2, 574000, tzinfo=UTC)),
    ],
)
def test_times(text: str, expected: datetime) -> None:
    assert moment(text) == expected


def test_null_is_the_same_as_absent_at_every_level() -> None:
    found = read(
        data(payload={"client_state": None, "urls": {"mp3": None, "wav": "w"}, "list": [{"a": None}]})
    )
    assert found.payload == {"urls": {"wav": "w"}, "list": [{}]}
    assert read(data(payload=None)).payload == {}
    assert read({"data": None, "id": "e2", "event_type": "x.y"}).id == "e2"


def test_unknown_types_and_keys_are_kept() -> None:
    found = read(data(event_type="call.sneezed", payload={"spoken": {"odd": [1, "two", 3.5, True]}}))
    assert (found.type, found.payload) == ("call.sneezed", {"spoken": {"odd": [1, "two", 3.5, True]}})


def test_the_last_of_two_equal_keys_counts() -> None:
    body = b'{"data":{"id":"first","id":"last","event_type":"call.hangup"}}'
    assert (read(body).id, identity(body)[0]) == ("last", "last")


def test_text_that_no_database_can_hold_is_mended() -> None:
    payload = read(data(payload={"a": "x\0y", "\0": ["\ud800", ["\udfff\U0001f600"]]})).payload
    assert payload == {"a": "x�y", "�": ["�", ["�\U0001f600"]]}


def test_numbers_that_no_database_can_hold_are_absent() -> None:
    body = b'{"data":{"id":"e","event_type":"t","payload":{"a":%s,"b":1e999,"c":-7,"d":2.5}}}' % (b"9" * 5000)
    assert read(body).payload == {"c": -7, "d": 2.5}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe{}",
        "{}".encode("utf-16"),
        b'{"data":{"id":"e","event_type":"t","payload":{"a":NaN}}}',
        b'{"data":{"id":"e","event_type":"t","payload":{"a":Infinity}}}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"data":{"id":"e","event_type":"t","payload":' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        {"data": {}},
        data(id=None),
        data(id=""),
        data(id=7),
        data(id="x" * 201),
        data(id="a\0b"),
        data(id="a\ud800"),
        data(id=["e"]),
        data(event_type=None),
        data(event_type=True),
        data(event_type="t" * 101),
        data(event_type="read.conference"),
        data(event_type="reply.mute"),
        data(event_type="call\n.hangup"),
        data(payload=[]),
        data(payload="text"),
        data(payload={"call_control_id": 7}),
        data(payload={"call_control_id": "v3:" + "x" * 253}),
        data(occurred_at=1_700_000_000),
        data(occurred_at="yesterday"),
        data(occurred_at="2026-13-01T00:00:00Z"),
        data(occurred_at="0001-01-01T00:00:00+14:00"),
        data(occurred_at="1999-12-31T23:59:59Z"),
        data(occurred_at="9999-12-31T23:59:59Z"),
        data(occurred_at={"at": AT}),
    ],
)
def test_what_cannot_be_read(body: Any) -> None:
    with pytest.raises(Unreadable):
        read(body)


def test_what_cannot_be_read_is_named_by_its_bytes() -> None:
    name, event_type = identity(b"{broken")
    assert name.startswith("unreadable:") and event_type == "" and len(name) <= 200
    assert identity(b"{broken") == (name, "")
    assert identity(b"{broken ")[0] != name


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(Unreadable):
        parse(encode("reply.mute", "reply:1", RECEIVED, {}), source="rumour", received_at=RECEIVED)


def test_our_own_events_use_the_same_envelope() -> None:
    body = encode("reply.mute", "reply:1", AT_TIME, {"legs": ["v3:é"]})
    found = parse(body, source="reply", received_at=RECEIVED)
    assert found == Event("reply:1", "reply.mute", AT_TIME, "reply", {"legs": ["v3:é"]})
    assert json.loads(body)["data"]["occurred_at"] == AT


KEYS = st.sampled_from(["data", "id", "event_type", "payload", "occurred_at", "recording_ended_at"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(AT),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_raises_anything_but_unreadable(body: bytes) -> None:
    try:
        found = read(body)
    except Unreadable:
        assert identity(body)[0]
    else:
        assert identity(body) == (found.id, found.type)
        assert found.at.tzinfo is UTC


@given(st.dictionaries(KEYS, JSON, max_size=4))
def test_whatever_is_read_can_be_stored(payload: dict[str, Any]) -> None:
    body = json.dumps(data(payload=payload)).encode()
    try:
        found = read(body)
    except Unreadable:
        return
    assert b"\\u0000" not in json.dumps(found.payload, allow_nan=False).encode()
    json.dumps(found.payload, ensure_ascii=False).encode()
