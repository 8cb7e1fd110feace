"""What Telnyx answers becomes one exception of the tree, with its own words and ours."""

from typing import Any

import pytest

from telephony import client as telnyx
from tests.support.answering import Answering


def refused(status: int, body: Any, headers: dict[str, str] | None = None) -> telnyx.TelnyxError:
    app = Answering(status=status, body=body, headers=headers or {})
    with pytest.raises(telnyx.TelnyxError) as caught:
        app.client().mute("c-1", ["v3:one"])
    assert len(app.asked) == 1  # never tried again in here
    return caught.value


def errors(code: str, title: str = "A title", detail: str = "A detail.") -> dict[str, Any]:
    return {"errors": [{"code": code, "title": title, "detail": detail}]}


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (401, "10009", telnyx.Unauthenticated, "Telnyx does not accept the API key (401)"),
        (403, "10010", telnyx.Forbidden, "the Telnyx account may not do this (403)"),
        (404, "90058", telnyx.NotFound, "the conference does not exist at Telnyx"),
        (404, "10005", telnyx.NotFound, "Telnyx does not have it any more"),
        (400, "90050", telnyx.Invalid, "the queue is not empty"),
        (422, "90018", telnyx.Invalid, "the call has already ended"),
        (422, "90019", telnyx.Invalid, "the conference has already ended"),
        (422, "90036", telnyx.Invalid, "the queue is full"),
        (422, "10011", telnyx.Invalid, "Telnyx says: A title"),
        (409, "77777", telnyx.Invalid, "Telnyx says: A title"),
        (429, "10011", telnyx.RateLimited, "Telnyx is busy (429)"),
        (408, "77777", telnyx.Unavailable, "Telnyx has a fault (408)"),
        (500, "10007", telnyx.Unavailable, "Telnyx has a fault (500)"),
        (503, "10007", telnyx.Unavailable, "Telnyx has a fault (503)"),
    ],
)
def test_each_answer_has_its_class_and_words(
    status: int, code: str, kind: type[telnyx.TelnyxError], words: str
) -> None:
    error = refused(status, errors(code))
    assert type(error) is kind
    assert (error.code, error.title, error.detail, error.status) == (code, "A title", "A detail.", status)
    assert error.words == words


def test_code_90033_is_told_by_its_detail() -> None:
    taken = refused(422, errors("90033", detail="Conference with given name already exists and it's active"))
    empty = refused(422, errors("90033", detail="Conference has no active participants"))
    assert taken.words == "a live conference has this name already"
    assert empty.words == "nobody is in the conference"


def test_the_log_line_of_an_error_keeps_numbers_out() -> None:
    error = refused(422, errors("10016", detail="+13125550147 is not E.164"))
    assert str(error) == "this is not a phone number that Telnyx can use (HTTP 422, code 10016)"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad gateway</html>",
        b"[" * 100_000,
        [],
        {"errors": []},
        {"errors": ["no"]},
        {"errors": {"code": "1"}},
        {"errors": [{"code": None, "title": 7}]},
    ],
    ids=lambda body: str(body)[:20],
)
def test_an_error_body_of_any_shape_keeps_its_status(body: Any) -> None:
    assert type(refused(401, body)) is telnyx.Unauthenticated
    assert type(refused(422, body)) is telnyx.Invalid


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-reset": "7"}, 7.0),
        ({"retry-after": "3", "x-ratelimit-reset": "7"}, 3.0),
        ({}, 1.0),
        ({"x-ratelimit-reset": "soon"}, 1.0),
        ({"x-ratelimit-reset": "-5"}, 1.0),
        ({"x-ratelimit-reset": "1700000000"}, 60.0),
    ],
)
def test_a_429_says_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    error = refused(429, errors("10011"), headers)
    assert isinstance(error, telnyx.RateLimited)
    assert error.reset == seconds


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"not json"),
        (200, b""),
        (200, b'{"data": {"result": "o'),
        (200, ["ok"]),
        (200, {"result": "ok"}),
        (200, {"data": "ok"}),
        (301, {"data": {}}),
        (307, b""),
    ],
    ids=str,
)
def test_an_unreadable_answer_is_an_unknown_outcome(status: int, body: Any) -> None:
    error = refused(status, body, {"location": "https://elsewhere.test/"} if status > 299 else None)
    assert type(error) is telnyx.UnknownOutcome
    assert error.words == "no answer from Telnyx"
