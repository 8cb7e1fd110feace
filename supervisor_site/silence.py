"""Webhooks: whether they arrive, and when their silence is a fault. Pure."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any

from supervisor_site.vitals import NOTHING, Figure, Figures, Level, Tile

SILENCE = timedelta(minutes=1)  # without a webhook, or that many usual gaps if longer:
GAPS = 10
READ_WITHIN = timedelta(minutes=1)  # an older read shows nothing about now
READ_EVERY = 5.0  # seconds between two reads of everything while webhooks are missing


def tile(figures: Figures) -> Tile:
    level, words, since = _arriving(figures)
    last = last_webhook(figures)
    rate = per_minute(figures)
    return Tile(
        "webhooks",
        "Webhooks",
        level,
        words,
        [
            Figure("Per minute", str(_rate_now(figures)), _usual(rate), "red" if level == "red" else "ok"),
            _refused(figures),
            Figure("Last webhook", "" if last else "None yet", "", since=last, form="ago"),
            _lost(figures),
        ],
        _about_webhooks(level),
        since,
        seen=last,
    )


def hearing(figures: Figures) -> dict[str, Any]:
    """What every page says of webhooks: `since` when they are missing, None while all is well.

    `every`: seconds between two reads of everything, more than wished when there is much to read.
    """
    level, _, since = _arriving(figures)
    if level != "red":
        return {"since": None, "every": None}
    needed = figures.worker.reads_need if figures.worker else None
    return {"since": since, "every": math.ceil(max(READ_EVERY, needed or 0))}


def _arriving(figures: Figures) -> tuple[Level, str, datetime | None]:
    """Silence alone is no fault: only a read that shows calls tells that webhooks are missing."""
    last = last_webhook(figures)
    since = last or min((process.started_at for process in figures.present), default=figures.now)
    if figures.now - since < gap_limit(figures):
        return ("ok", "Arriving", None) if last else ("unknown", "None yet", None)
    if not figures.stored.calls_up:
        return "idle", "Quiet, no calls", None
    return ("red" if read_shows(figures) else "amber"), "None for", since


def read_shows(figures: Figures) -> bool:
    """Whether what we think of calls has been read from Telnyx just now."""
    read_at = figures.telnyx.checked_at if figures.telnyx.reachable else None
    return read_at is not None and figures.now - read_at < READ_WITHIN


def gap_limit(figures: Figures) -> timedelta:
    """How long no webhook may come while calls are up: 1:00, or ten usual gaps if that is longer."""
    return max(SILENCE, GAPS * usual_gap(figures))


def usual_gap(figures: Figures) -> timedelta:
    """Between two webhooks, on average of the hour before the last one; zero when none is known."""
    last, counts = last_webhook(figures), _counts(figures)
    newest = int(last.timestamp() // 60) if last else 0
    hour = {minute: count for minute, count in counts.items() if newest - 60 < minute <= newest}
    if not hour:
        return timedelta()
    return timedelta(minutes=newest - min(hour) + 1) / sum(hour.values())


def last_webhook(figures: Figures) -> datetime | None:
    return max((process.webhook_at for process in figures.processes if process.webhook_at), default=None)


def per_minute(figures: Figures) -> list[int]:
    """Webhooks of the last 60 minutes, oldest first; the last of them still goes on."""
    counts, minute = _counts(figures), int(figures.now.timestamp() // 60)
    return [counts[at] for at in range(minute - 59, minute + 1)]


def _counts(figures: Figures) -> Counter[int]:
    total: Counter[int] = Counter()
    for process in figures.processes:
        total.update(process.webhooks or {})
    return total


def _rate_now(figures: Figures) -> int:
    """Of the last whole minute, or none once a minute has passed without one."""
    last = last_webhook(figures)
    silent = last is None or figures.now - last >= timedelta(minutes=1)
    return 0 if silent else per_minute(figures)[-2]


def _usual(rate: Sequence[int]) -> str:
    """The middle half of the hour's whole minutes since the first webhook."""
    known = list(rate[:-1])
    while known and not known[0]:
        known.pop(0)
    if len(known) < 5:
        return "usual not known yet"
    low, _, high = quantiles(known, n=4)
    return f"usual {low:.0f} – {high:.0f}"


def _refused(figures: Figures) -> Figure:
    hour = int(figures.now.timestamp() // 60) - 60
    refused = [process.refused or {} for process in figures.processes]
    count = sum(n for counts in refused for minute, n in counts.items() if minute > hour)
    return Figure("Refused signatures", str(count), "last hour", "amber" if count else "ok")


def _lost(figures: Figures) -> Figure:
    """Webhooks that never arrived, as Telnyx's log of deliveries has them."""
    if figures.telnyx.log_refused_since:
        return Figure("Lost, fetched", "–", "log not readable", "amber")
    return Figure("Lost, fetched", str(figures.stored.recovered), "last hour")


def _about_webhooks(level: Level) -> str:
    if level in {"red", "amber"}:
        return (
            "Check the address in the Telnyx portal, then the reverse proxy. "
            "Telnyx tries again; the worker reads what was missed."
        )
    return NOTHING
