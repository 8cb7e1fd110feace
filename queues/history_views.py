"""The history of a queue: a day on a page and as a file. For who may see it; agents may not."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_GET, require_POST

from dashboard import exports
from dashboard.models import User
from dashboard.pages import viewer
from dashboard.roles import Action
from queues import commands, days, history
from queues.days import Day
from queues.history import Chosen
from queues.models import Queue
from queues.transitions import subject
from telephony import status


@require_GET
@login_required
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """`?day=2026-11-19&step=5|15|60&compare=week|mean|none`: today in steps of 5 minutes beside last week."""
    queue = _found(_reader(request), pk)
    now = timezone.now()
    today = timezone.localdate(now)
    chosen = history.chosen(request.GET.dict(), today)
    shown: dict[str, Any] = {"queue": queue, "chosen": chosen, "today": today}
    shown |= {"trouble": chosen.trouble or _before(queue, chosen.day, today), "telnyx": status.current()}
    shown |= {"day_name": history.named(chosen.day, today), "now": now}
    shown |= _addresses(chosen, today)
    if not shown["trouble"]:
        shown |= _day(queue, chosen, today, now)
    return render(request, "queues/history.html", shown, status=404 if chosen.trouble else 200)


def _addresses(chosen: Chosen, today: date) -> dict[str, Any]:
    """Where the page's links lead."""
    earlier, later = chosen.day - days.A_DAY, chosen.day + days.A_DAY
    week = history.named(chosen.day - history.WEEK, today)
    compares = {"week": week, "mean": f"Mean of 4 {chosen.day:%A}s", "none": "Nothing"}
    return {
        "earlier": earlier,
        "later": later,
        "here_address": chosen.address(),
        "earlier_address": chosen.address(day=earlier),
        "later_address": chosen.address(day=later),
        "compares": [_choice(key, word, chosen.address(compare=key)) for key, word in compares.items()],
        "step_choices": [_choice(key, word, chosen.address(step=key)) for key, word in history.STEPS.items()],
        "step_word": {"5": "5 minutes", "15": "15 minutes", "60": "an hour"}[chosen.step],
    }


def _choice(key: str, word: str, address: str) -> dict[str, str]:
    return {"key": key, "word": word, "address": address}


def _reader(request: HttpRequest) -> User:
    user = viewer(request)
    if not user.may(Action.SEE_HISTORY):
        raise PermissionDenied
    return user


def _found(user: User, pk: int) -> Queue:
    return get_object_or_404(commands.visible(user), pk=pk)


def _before(queue: Queue, day: date, today: date) -> str:
    """Words for a day from before Earshot knew of the queue."""
    first = days.known_from(queue)
    if first is None:
        return "Nobody has called this queue yet, as far as Earshot knows."
    if days.bounds(day)[1] > first:
        return ""
    begun = history.named(timezone.localdate(first), today)
    return f"Nothing is known of {history.named(day, today)}: Earshot knows of callers from {begun} on."


def _day(queue: Queue, chosen: Chosen, today: date, now: datetime) -> dict[str, Any]:
    day = days.of(queue, chosen.day, now)
    first = days.known_from(queue)
    others = [
        days.of(queue, other, now) for other in chosen.others if first and days.bounds(other)[1] > first
    ]
    lines = history.lines(day, others, chosen.step)
    return {
        "day": day,
        "total": day.total,
        "aim": days.Aims(queue).at(day.until),
        "lines": lines,
        "last": lines[-1] if lines else None,
        "said": history.sentence(day, history.named(chosen.day, today)),
        "drawing": history.draw(lines) if lines else None,
        "below": sum(line.span.is_below for line in lines),
        "other_name": _other_name(chosen, others, today),
        "not_compared": _not_compared(chosen, today) if chosen.others and not others else "",
        "mean": history.mean([days.until_the_same(day, other) for other in others]),
        "most": history.worst(day, "highest"),
        "longest": history.worst(day, "longest"),
    }


def _other_name(chosen: Chosen, others: list[Day], today: date) -> str:
    if not others:
        return ""
    if chosen.compare == "mean":
        return f"the mean of {len(others)}"
    return history.named(others[0].date, today, weekday=False)


def _not_compared(chosen: Chosen, today: date) -> str:
    """Words for days to compare with that are from before Earshot knew of the queue."""
    if chosen.compare == "mean":
        return f"the four {chosen.day:%A}s before"
    return history.named(chosen.day - history.WEEK, today)


@require_POST
@login_required
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole day in steps of five minutes as CSV; that it was taken is logged first."""
    user = _reader(request)
    queue = _found(user, pk)
    now = timezone.now()
    chosen = history.chosen(request.GET.dict(), timezone.localdate(now))
    rows = [] if chosen.trouble else history.rows(queue, days.of(queue, chosen.day, now).spans)
    what = f"the history of {chosen.day.isoformat()} as CSV"
    exports.logged(user, subject(queue.name), queue.name, what, "csv", len(rows))
    name = get_valid_filename(f"{queue.name} {chosen.day.isoformat()}")
    return exports.file(name, "csv", history.COLUMNS, rows)
