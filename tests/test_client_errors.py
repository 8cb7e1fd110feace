"""What Telnyx answers becomes one exception of the tree, with its own words and ours."""

from typing import Any

import pytest

from telephony import client as telnyx
from telephony.refusals import advice_on
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


# Telnyx's code, title, a part of its detail → what people read: what happened, what to do.
REFUSALS = [
    (422, "10004", "Missing required parameter", "The 'to' parameter", "a field that Telnyx needs is empty"),
    (404, "10005", "Audio file not found", "Provided audio file URL", "the audio file was not found"),
    (404, "10005", "Recording not found", "The recording could not", "there is no such recording"),
    (404, "10005", "Resource not found", "The requested resource", "Telnyx does not have it any more"),
    (404, "10007", "Resource not found", "Resource not found", "Telnyx does not have it any more"),
    (404, "404", "Not Found", "Page not found", "Telnyx does not have it any more"),
    (422, "10015", "Invalid value for connection_id", "is invalid", "Telnyx does not know our application"),
    (400, "10015", "Bad Request", "Invalid characters", "Telnyx does not accept a value"),
    (422, "10016", "Phone number", "must be E164", "this is not a phone number that Telnyx can use"),
    (400, "10028", "Character encoding error", "position 42", "Telnyx cannot read one of the signs"),
    (422, "10032", "Invalid enumerated value", "one of", "Telnyx does not know one of these choices"),
    (422, "10033", "Value outside of range", "1 to 5000", "a number is outside what Telnyx allows"),
    (422, "90009", "Invalid loop", "", "Telnyx cannot play it that often"),
    (422, "90012", "Invalid voice", "", "Telnyx does not know this voice"),
    (422, "90014", "Invalid digits", "", "these are not all digits that a phone can send"),
    (422, "90015", "Invalid Call Control ID", "", "Telnyx does not know this call"),
    (422, "90017", "Invalid client_state", "", "Telnyx cannot read what Earshot notes on the call"),
    (422, "90018", "Call has already ended", "no longer active", "the call has already ended"),
    (422, "90019", "Conference has already ended", "no longer", "the conference has already ended"),
    (422, "90020", "Call recording", "before", "recording cannot start before the call has sound"),
    (422, "90032", "Maximum number", "reached at 100", "the conference is full"),
    (422, "90033", "Unable to execute command", "no active participants", "nobody is in the conference"),
    (
        422,
        "90033",
        "Unable to execute command",
        "Conference with given name already exists and it's active.",
        "a live conference has this name already",
    ),
    (422, "90033", "Unable", "Queue with given name already exists.", "a queue has this name already"),
    (422, "90033", "Unable", "The 'Sales' queue is empty.", "nobody waits in this queue"),
    (422, "90033", "Unable", "It is already answered.", "Telnyx cannot do this now"),
    (422, "90034", "Call not answered yet", "", "the call is not answered yet"),
    (422, "90035", "Call not in queue", "", "the call is not in a queue"),
    (422, "90036", "Queue full", "The 'support' queue is full", "the queue is full"),
    (422, "90037", "Queue max_size", "", "the size of a queue that exists cannot be changed this way"),
    (422, "90038", "Call already in queue", "", "the call is in a queue already"),
    (400, "90040", "Downloading audio file failed", "", "Telnyx could not fetch the audio"),
    (422, "90041", "Channel limit", "", "no line is free at Telnyx"),
    (422, "90042", "Channel limit", "", "no line is free at Telnyx"),
    (422, "90043", "Channel limit", "", "no line is free at Telnyx"),
    (422, "90044", "Call already in conference", "", "the call is in this conference already"),
    (400, "90050", "Unable to delete queue", "Only empty queues", "the queue is not empty"),
    (404, "90058", "Invalid conference_id", "", "the conference does not exist at Telnyx"),
    (401, "10009", "Authentication failed", "", "Telnyx does not accept the API key (401)"),
    (401, "401", "Unauthorized", "", "Telnyx does not accept the API key (401)"),
    (403, "403", "Forbidden", "", "the Telnyx account may not do this (403)"),
    (429, "10011", "Too many requests", "", "Telnyx is busy (429)"),
    (500, "10007", "Internal server error", "", "Telnyx has a fault (500)"),
    (503, "10007", "Service unavailable", "", "Telnyx has a fault (503)"),
]


@pytest.mark.parametrize(("status", "code", "title", "detail", "words"), REFUSALS)
def test_each_refusal_says_what_happened_and_what_to_do(
    status: int, code: str, title: str, detail: str, words: str
) -> None:
    error = refused(status, errors(code, title, detail))
    assert error.words == words
    assert error.advice.endswith(".") and error.advice[0].isupper() and len(error.advice.split()) > 2
    # Only the words of a refusal are kept with the command: they alone must lead to the advice.
    assert advice_on(words) == error.advice


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (telnyx.Unavailable(), "Telnyx cannot be reached"),
        (telnyx.UnknownOutcome(), "no answer from Telnyx"),
        (telnyx.Invalid("", "", "", 418), "Telnyx refused it (418)"),
        (telnyx.Invalid("77777", "Odd", "", 422), "Telnyx says: Odd"),
    ],
    ids=str,
)
def test_what_has_no_code_of_ours_has_words_and_advice_too(error: telnyx.TelnyxError, words: str) -> None:
    assert (error.words, advice_on(words)) == (words, error.advice)
    assert error.advice.endswith(".")


def test_words_of_our_own_have_no_advice_of_telnyx() -> None:
    assert advice_on("your role may not do this any more") == ""


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
