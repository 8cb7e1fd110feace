"""Why Telnyx did not do what was asked. The tree is drawn at the top of client.py."""

from collections.abc import Mapping
from typing import Any

from telephony import refusals
from telephony.refusals import Saying


class TelnyxError(Exception):
    """An operation that Telnyx did not confirm.

    `code`, `title` and `detail` are Telnyx's ("" where it gave none), `status` is the HTTP status, 0 where
    there was no answer. `words` says what happened, as in "Hold failed: the call has already ended", and
    `advice` what to do, in a sentence; neither has numbers or ids of calls.
    """

    def __init__(self, code: str = "", title: str = "", detail: str = "", status: int = 0) -> None:
        self.code, self.title, self.detail, self.status = code, title, detail, status
        super().__init__(f"{self.words} (HTTP {status or 'none'}, code {code or 'none'})")

    @property
    def words(self) -> str:
        return self._saying.words

    @property
    def advice(self) -> str:
        return self._saying.advice

    @property
    def _saying(self) -> Saying:
        return refusals.saying(self.code, self.title, self.detail) or self._plain

    @property
    def _plain(self) -> Saying:
        return refusals.refused(self.status)


class Unauthenticated(TelnyxError):
    """401: the API key is wrong, or revoked."""

    @property
    def _saying(self) -> Saying:
        return refusals.UNAUTHENTICATED


class Forbidden(TelnyxError):
    """403: the API key or the account may not do this."""

    @property
    def _saying(self) -> Saying:
        return refusals.FORBIDDEN


class NotFound(TelnyxError):
    """404: no such call, conference, queue or recording (any more)."""

    @property
    def _plain(self) -> Saying:
        return refusals.GONE


class Invalid(TelnyxError):
    """400, 422 and the other refusals: trying again changes nothing."""


class RateLimited(TelnyxError):
    """429: too many requests. `reset` is how many seconds Telnyx asks to wait."""

    def __init__(self, code: str = "", title: str = "", detail: str = "", reset: float = 1.0) -> None:
        self.reset = reset
        super().__init__(code, title, detail, 429)

    @property
    def _saying(self) -> Saying:
        return refusals.BUSY


class Unavailable(TelnyxError):
    """5xx, or (status 0) no connection: then nothing was sent and it surely had no effect."""

    @property
    def _saying(self) -> Saying:
        return refusals.fault(self.status) if self.status else refusals.UNREACHABLE


class UnknownOutcome(TelnyxError):
    """Sent, but no readable answer: it may have had its effect."""

    @property
    def _saying(self) -> Saying:
        return refusals.UNANSWERED


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
