"""Each operation with each of its fields, as it goes over the wire; and that none is left out."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.answering import Answering, Asked
from tests.support.operations import (
    COMMAND,
    CONFERENCE,
    LEG,
    OTHER,
    ROWS,
    TONE,
    Row,
    operations,
    optional,
    parameters,
)

# Of these there must be one, so leaving one out is refused.
NEEDED = {"audio_url", "media_name", "other_call_control_id", "queue", "video_room_id"}
IN = {"conference_id": CONFERENCE}
ON = {"call_control_id": LEG, "command_id": COMMAND}


def answering(row: Row) -> Answering:
    return Answering(body={"data": [], "meta": {}} if row.name.startswith("list_") else {"data": {"id": "x"}})


def query_of(asked: Asked) -> dict[str, str]:
    """Without what asks for the next page."""
    return {name: one for name, [one] in asked.query.items() if not name.startswith("page[")}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_field_goes_over_the_wire_as_telnyx_names_it(row: Row) -> None:
    app = answering(row)
    row.call(app.client())
    [asked] = app.asked
    assert (asked.method, asked.path, asked.body) == (row.method, row.path, row.body)
    assert query_of(asked) == row.query


def test_no_operation_is_left_out() -> None:
    assert {row.name for row in ROWS} == operations()


@pytest.mark.parametrize("name", sorted(operations()))
def test_no_field_is_left_out(name: str) -> None:
    used = set().union(*(row.given for row in ROWS if row.name == name))
    assert used == parameters(name)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (row, name)
        for row in ROWS
        for name in sorted(optional(row.name).intersection(row.given))
        if not (row.name in {"play", "bridge"} and name in NEEDED)
    ],
    ids=str,
)
def test_what_is_none_is_not_sent(row: Row, name: str) -> None:
    app = answering(row)
    getattr(app.client(), row.name)(**{**row.given, name: None})
    [asked] = app.asked
    sent = {**(asked.body or {}), **query_of(asked)}
    whole = {**(row.body or {}), **row.query}
    assert all(sent[key] == whole[key] for key in sent)
    assert len(sent) == len(whole) - 1


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("create_conference", ON | {"name": "A", "hold_audio_url": TONE, "hold_media_name": "hold"}),
        ("join_conference", IN | ON | {"hold_audio_url": TONE, "hold_media_name": "hold"}),
        ("hold", IN | {"call_control_ids": [LEG], "audio_url": TONE, "media_name": "hold"}),
        ("play", IN | {"audio_url": TONE, "media_name": "hold"}),
        ("play", IN),
        ("gather_using_audio", IN | {"call_control_id": LEG, "audio_url": TONE, "media_name": "hold"}),
        (
            "gather_using_audio",
            IN | {"call_control_id": LEG, "invalid_audio_url": TONE, "invalid_media_name": "hold"},
        ),
        ("bridge", ON | {"other_call_control_id": OTHER, "queue": "Sales"}),
        ("bridge", ON | {"queue": "Sales", "video_room_id": COMMAND}),
        ("bridge", ON),
    ],
    ids=str,
)
def test_what_excludes_each_other_is_never_sent_together(name: str, given: Mapping[str, Any]) -> None:
    app = Answering(body={"data": {}})
    with pytest.raises(ValueError, match="one of"):
        getattr(app.client(), name)(**given)
    assert app.asked == []


@pytest.mark.parametrize(
    "more",
    [
        {"audio_url": TONE, "media_name": "hold"},
        {"conference_config": {"id": CONFERENCE, "conference_name": "A"}},
        {"conference_config": {"id": CONFERENCE, "hold_audio_url": TONE, "hold_media_name": "hold"}},
    ],
    ids=str,
)
def test_dial_sends_no_pair_that_excludes_each_other(more: Any) -> None:
    app = Answering(body={"data": {}})
    with pytest.raises(ValueError, match="one of"):
        app.client().dial("+12025550142", "+12025550100", "149", COMMAND, **more)
    assert app.asked == []


@pytest.mark.parametrize("people", [[], [""], [LEG, ""]], ids=str)
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("mute", {}),
        ("unmute", {}),
        ("hold", {}),
        ("unhold", {}),
        ("play", {"audio_url": TONE}),
        ("stop_audio", {}),
        ("speak", {"payload": "Hello", "voice": "AWS.Polly.Joanna", "command_id": COMMAND}),
        ("send_dtmf", {"digits": "1"}),
    ],
)
def test_nobody_chosen_never_becomes_everybody(
    name: str, given: Mapping[str, Any], people: list[str]
) -> None:
    app = Answering(body={"data": {}})
    with pytest.raises(ValueError, match="everybody"):
        getattr(app.client(), name)(**IN, **given, call_control_ids=people)
    assert app.asked == []


def test_a_whisperer_heard_by_nobody_is_sent_as_that() -> None:
    app = Answering(body={"data": {"result": "ok"}})
    app.client().update_role(CONFERENCE, LEG, "whisper", COMMAND, whisper_call_control_ids=[])
    assert app.asked[0].body["whisper_call_control_ids"] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.method in {"DELETE", "PATCH"}], ids=str)
def test_an_answer_without_a_body_is_an_empty_object(row: Row) -> None:
    assert row.call(Answering(status=204, body=b"").client()) == {}


def test_live_calls_are_read_to_their_last_cursor() -> None:
    def page(asked: Asked) -> Any:
        [after] = asked.query.get("page[after]", [""])
        number = len(after) + 1
        cursors = {"after": "x" * number} if number < 3 else {"after": None}
        return {"data": [{"n": number}], "meta": {"cursors": cursors}}

    assert Answering(answer=page).client().list_active_calls("149") == [{"n": 1}, {"n": 2}, {"n": 3}]


@pytest.mark.parametrize("meta", [None, {}, {"cursors": None}, {"cursors": {"after": "again"}}], ids=str)
def test_a_cursor_that_leads_nowhere_ends_the_list(meta: Any) -> None:
    app = Answering(body={"data": [{"n": 1}], "meta": meta})
    assert app.client().list_active_calls("149") == [{"n": 1}] * len(app.asked)
    assert len(app.asked) <= 2
