"""Why Telnyx did not do what was asked. The tree is drawn at the top of client.py."""

from collections.abc import Mapping
from typing import Any

# Telnyx's error codes in our words; where a code is missing here, Telnyx's own title is shown.
_WORDS = {
    "10005": "Telnyx does not have it any more",
    "10007": "Telnyx does not have it any more",
    "10015": "Telnyx does not accept this request",
    "10016": "this is not a phone number that Telnyx can use",
    "90015": "Telnyx does not know this call",
    "90018": "the call has already ended",
    "90019": "the conference has already ended",
    "90020": "recording cannot start before the call has sound",
    "90032": "the conference is full",
    "90034": "the call is not answered yet",
    "90035": "the call is not in a queue",
    "90036": "the queue is full",
    "90037": "the size of this queue cannot be changed now",
    "90038": "the call is in a queue already",
    "90040": "Telnyx could not fetch the audio",
    "90041": "no line is free at Telnyx",
    "90042": "no line is free at Telnyx",
    "90043": "no line is free at Telnyx",
    "90044": "the call is in this conference already",
    "90050": "the queue is not empty",
    "90058": "the conference does not exist at Telnyx",
}


class TelnyxError(Exception):
    """An operation that Telnyx did not confirm.

    `code`, `title` and `detail` are Telnyx's ("" where it gave none), `status` is the HTTP status, 0 where
    there was no answer. `words` is a plain clause for people, without
    numbers or ids of calls, as in "Hold failed: the call has already ended".
    """

    def __init__(self, code: str = "", title: str = "", detail: str = "", status: int = 0) -> None:
        self.code, self.title, self.detail, self.status = code, title, detail, status
        super().__init__(f"{self.words} (HTTP {status or 'none'}, code {code or 'none'})")

    @property
    def words(self) -> str:
        return _WORDS.get(self.code) or (f"Telnyx says: {self.title}" if self.title else self._plain)

    @property
    def _plain(self) -> str:
        return f"Telnyx refused it ({self.status})"


class Unauthenticated(TelnyxError):
    """401: the API key is wrong, or revoked."""

    @property
    def words(self) -> str:
        return "Telnyx does not accept the API key (401)"


class Forbidden(TelnyxError):
    """403: the API key or the account may not do this."""

    @property
    def words(self) -> str:
        return "the Telnyx account may not do this (403)"


class NotFound(TelnyxError):
    """404: no such call, conference, queue or recording (any more)."""

    @property
    def _plain(self) -> str:
        return "Telnyx does not have it any more"


class Invalid(TelnyxError):
    """400, 422 and the other refusals: trying again changes nothing."""

    @property
    def words(self) -> str:
        # 90033 means two things (Telnyx's documents disagree): only its detail tells which.
        if self.code == "90033":
            return _words_of_90033(self.detail)
        return super().words


class RateLimited(TelnyxError):
    """429: too many requests. `reset` is how many seconds Telnyx asks to wait."""

    def __init__(self, code: str = "", title: str = "", detail: str = "", reset: float = 1.0) -> None:
        self.reset = reset
        super().__init__(code, title, detail, 429)

    @property
    def words(self) -> str:
        return "Telnyx is busy (429)"


class Unavailable(TelnyxError):
    """5xx, or (status 0) no connection: then nothing was sent and it surely had no effect."""

    @property
    def words(self) -> str:
        return f"Telnyx has a fault ({self.status})" if self.status else "Telnyx cannot be reached"


class UnknownOutcome(TelnyxError):
    """Sent, but no readable answer: it may have had its effect."""

    @property
    def words(self) -> str:
        return "no answer from Telnyx"


def refusal(status: int, headers: Mapping[str, str], body: Any) -> TelnyxError:
    """The error that an answer outside 2xx means. The status decides first: 10011 is a 429 and a 422."""
    code, title, detail = _first_error(body)
    if status == 429:
        return RateLimited(code, title, detail, reset=_seconds_to_wait(headers))
    if status < 400:
        return UnknownOutcome(code, title, detail, status)
    return _class_of(status)(code, title, detail, status)


def _class_of(status: int) -> type[TelnyxError]:
    if status >= 500 or status == 408:
        return Unavailable
    return {401: Unauthenticated, 403: Forbidden, 404: NotFound}.get(status, Invalid)


def _first_error(body: Any) -> tuple[str, str, str]:
    """Code, title and detail of `{"errors": [{…}]}`; anything else gives empty words."""
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    if not isinstance(first, dict):
        return "", "", ""
    code, title, detail = (str(first.get(key) or "")[:400] for key in ("code", "title", "detail"))
    return code, title, detail


def _seconds_to_wait(headers: Mapping[str, str]) -> float:
    for name in ("retry-after", "x-ratelimit-reset"):
        seconds = number_in(headers, name)
        if seconds is not None:
            return min(seconds, 60.0)
    return 1.0


def number_in(headers: Mapping[str, str], name: str) -> float | None:
    """A header that is a plain decimal number not below 0, else None."""
    value = headers.get(name, "").strip()
    return float(value) if value.isascii() and value.replace(".", "", 1).isdigit() else None


def _words_of_90033(detail: str) -> str:
    if "participant" in detail.lower():
        return "nobody is in the conference"
    return "a live conference has this name already"
