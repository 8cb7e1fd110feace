"""Telnyx's values in words, and the answer of a page that asks Telnyx itself."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dashboard.commands import Refused
from telephony.errors import TelnyxError
from telephony.facts import moment

Told = Sequence[tuple[str, str]]


def answered(request: HttpRequest, ask: Callable[[], Told]) -> HttpResponse:
    """What Telnyx said. Raises `Refused` with its reason."""
    try:
        told = ask()
    except TelnyxError as problem:
        raise silent(problem) from None
    return render(request, "parts/_at_telnyx.html", {"told": told})


def silent(problem: TelnyxError) -> Refused:
    """That Telnyx does not say, and its reason as a sentence."""
    return Refused(502, "Telnyx does not say.", f"{problem.words[:1].upper()}{problem.words[1:]}.")


def words(value: Any) -> str:
    return "" if value is None else str(value)


def yes(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, "")


def at(value: Any) -> str:
    when = moment(value)
    return timezone.localtime(when).strftime("%H:%M:%S") if when else ""


def clock(seconds: Any) -> str:
    if not isinstance(seconds, int):
        return ""
    return str(timedelta(seconds=seconds)).removeprefix("0:")
