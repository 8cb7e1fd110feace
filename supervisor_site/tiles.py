"""What the figures of this installation mean: each becomes a tile with a state in words. Pure.

A tile says: how it is (shape and words), since when, three figures with their usual or limit, what to do.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from supervisor_site import silence
from supervisor_site.vitals import NOTHING, Figure, Figures, Level, Line, Process, Telnyx, Tile

LATE, STOPPED = timedelta(seconds=10), timedelta(seconds=60)
SLOW_READ_MS, SLOW_COMMIT_MS, SLOW_REDIS_MS = 2000, 500, 100
FEW_REQUESTS = 50
CLOCK_LIMIT, CLOCK_REFUSED = 30.0, 300.0  # seconds; Telnyx's signatures are refused from the second
PAGES = {
    "floor": "Floor",
    "queues": "Queues",
    "queue": "One queue",
    "conference": "One conference",
    "pane": "Details on the floor",
    "health": "Health",
}
DRIFT_LIMIT = 20  # facts that webhooks should have told and reads had to, in an hour


def judge(figures: Figures) -> list[Tile]:
    """Every tile, in the order of the page."""
    every = (silence.tile, api, pages, drift, clock, worker, redis, database, inbox)
    return [tile(figures) for tile in every]


# --- Telnyx's API --------------------------------------------------------------------------------------
def api(figures: Figures) -> Tile:
    telnyx, asking = figures.telnyx, figures.worker
    level, words, todo = _answering(telnyx, asking.status if asking else None)
    latency, left = telnyx.latency_ms, asking.rate_left if asking else None
    reset = asking.rate_reset if asking else None
    slow: Level = "amber" if latency is not None and latency > SLOW_READ_MS else "ok"
    scarce: Level = "amber" if left is not None and left < FEW_REQUESTS else "ok"
    figures_ = [
        Figure("Latency", _milliseconds(latency), "limit 2 s", slow),
        Figure("Rate limit left", _count(left), f"new in {reset:.0f} s" if reset is not None else "", scarce),
        Figure(
            "Last read", "" if telnyx.checked_at else "None yet", "", "ok", telnyx.checked_at, "ago", 30, 60
        ),
    ]
    since = telnyx.since if level == "red" else None
    return Tile(
        "api", "Telnyx API", level, words, figures_, todo, since, telnyx.checked_at, figures.stored.failed
    )


def _answering(telnyx: Telnyx, status: int | None) -> tuple[Level, str, str]:
    if telnyx.reachable is None:
        return "unknown", "Not asked yet", "The first read comes within 10 s of the worker's start."
    if not telnyx.reachable and status == 401:
        return "red", "Refuses the key (401)", "Put a valid TELNYX_API_KEY into the settings and start again."
    if not telnyx.reachable:
        return "red", "Cannot be reached", "Look at status.telnyx.com and at this server's way out."
    if status == 429:
        return "amber", "Busy (429)", "Reads wait as long as Telnyx asks. Commands are tried again for 0:45."
    return "ok", "Reachable", NOTHING


# --- pages and worker ----------------------------------------------------------------------------------
def pages(figures: Figures) -> Tile:
    serving = [process for process in figures.present if process.serves]
    behind = sum(process.behind for process in serving)
    cut = sum(process.cut for process in serving)
    processes = "1 process" if len(serving) == 1 else f"{len(serving)} processes"
    return Tile(
        "pages",
        "Live pages",
        "amber" if behind else "ok",
        f"{behind} behind" if behind else "All in step",
        [
            Figure("Open", _count(sum(process.sockets for process in serving)), f"in {processes}"),
            Figure("Renders", f"{sum(process.renders for process in serving):.1f} /s", "last 5 s"),
            Figure("Cut", _count(cut), "since the start"),
        ],
        "Slow browsers get the whole page at once; after 10 s they are cut and connect again."
        if behind
        else "Nothing to do. No page is behind its version.",
        seen=_last_beat(serving),
        lines=_watched(serving),
    )


def _last_beat(processes: Sequence[Process]) -> datetime | None:
    return max((process.beat_at for process in processes), default=None)


def _watched(serving: Sequence[Process]) -> list[Line]:
    """What is looked at most; a page may look at several things."""
    total: Counter[str] = Counter()
    for process in serving:
        total.update(process.watched or {})
    named = [(PAGES[kind], count) for kind, count in total.most_common() if kind in PAGES]
    return [Line(name, "1 page" if count == 1 else f"{count} pages") for name, count in named[:3]]


def worker(figures: Figures) -> Tile:
    process = figures.worker
    worked_at = process.worked_at if process else None
    level, words, todo = _beating(figures.now - worked_at if worked_at else None)
    unknown = figures.stored.commands_unknown
    return Tile(
        "worker",
        "Worker",
        level,
        words,
        [
            Figure("Beat", "" if worked_at else "None yet", "limit 0:10", level, worked_at, "clock", 10, 60),
            Figure("Commands open", _count(figures.stored.commands_open), "tried for 0:45"),
            Figure("Not known", _count(unknown), "outcomes, last hour", "amber" if unknown else "ok"),
        ],
        todo,
        seen=worked_at,
    )


def _beating(age: timedelta | None) -> tuple[Level, str, str]:
    if age is None or age >= STOPPED:
        return "red", "Stopped", "Start it: manage.py run_worker, or serve without REDIS_URL."
    if age >= LATE:
        return "amber", "Late", "Look again in 1 minute; restart it if the beat is over 60 s."
    return "ok", "Beats", NOTHING


# --- Redis and the database ----------------------------------------------------------------------------
def redis(figures: Figures) -> Tile:
    told = [process.redis for process in figures.present if process.redis]
    if not told:
        empty = [Figure(label, "–") for label in ("Answer", "Memory", "Clients")]
        return Tile(
            "redis", "Redis", "idle", "Not used", empty, "Nothing to do. One process does everything."
        )
    silent = any(one.ms is None for one in told)
    slowest = max(one.ms or 0 for one in told)
    slow = slowest > SLOW_REDIS_MS
    level: Level = "red" if silent else "amber" if slow else "ok"
    best = max(told, key=lambda one: one.memory)
    figures_ = [
        Figure("Answer", "–" if silent else _milliseconds(slowest), f"limit {SLOW_REDIS_MS} ms", level),
        Figure("Memory", _bytes(best.memory), f"of {_bytes(best.most)}" if best.most else "no limit"),
        Figure("Clients", _count(best.clients)),
    ]
    words = "Does not answer" if silent else "Slow" if slow else "Answers"
    todo = "Start Redis, or mend the way to it. Until then" if silent else "Nothing to do. Without it,"
    todo += " pages follow up to 5 s late."
    return Tile("redis", "Redis", level, words, figures_, todo, seen=_last_beat(figures.present))


def database(figures: Figures) -> Tile:
    """A database that does not answer has no health page either: /readyz and the pages themselves say it."""
    took = [process.commit_ms for process in figures.present if process.commit_ms is not None]
    slowest, stored = max(took, default=None), figures.stored
    slow = slowest is not None and slowest > SLOW_COMMIT_MS
    level: Level = "amber" if slow else "ok"
    most = f"of {stored.connections_most}" if stored.connections_most else "one file"
    return Tile(
        "database",
        "Database",
        level,
        "Slow" if slow else "Answers",
        [
            Figure("Commit", _milliseconds(slowest), f"limit {SLOW_COMMIT_MS} ms", level),
            Figure("Connections", _count(stored.connections), most),
            Figure("Size", _bytes(stored.size)),
        ],
        "Look at the disk and at long transactions: webhooks are refused from 1.5 s." if slow else NOTHING,
        seen=_last_beat(figures.present),
    )


# --- inbox, drift, clock -------------------------------------------------------------------------------
def inbox(figures: Figures) -> Tile:
    stored = figures.stored
    age = figures.now - stored.waiting_since if stored.waiting_since else timedelta()
    level: Level = "red" if age >= STOPPED else "amber" if age >= LATE or stored.dead else "ok"
    words = "Stopped" if age >= STOPPED else "Late" if age >= LATE else "Keeps up"
    return Tile(
        "inbox",
        "Inbox",
        level,
        f"{_letters(stored.dead)}" if level == "amber" and words == "Keeps up" else words,
        [
            Figure("Waiting", _count(stored.waiting), "limit 0:10"),
            Figure("Tried again", _count(stored.tried_again), "up to 6 times"),
            Figure("Dead letters", _count(stored.dead), "kept", "amber" if stored.dead else "ok"),
        ],
        _about_inbox(words, stored.dead),
        seen=figures.now,
    )


def _about_inbox(words: str, dead: int) -> str:
    if words != "Keeps up":
        return "Events are kept and wait. Look at the database and at this server's load."
    return "Read why they failed, mend it, then replay them." if dead else NOTHING


def _letters(count: int) -> str:
    return "1 dead letter" if count == 1 else f"{count} dead letters"


def drift(figures: Figures) -> Tile:
    repaired, refused = figures.stored.repaired or {}, figures.telnyx.log_refused_since
    # Of a mute or a hold by another program no webhook tells: that is news, and nothing was lost.
    people, flags = ("joined", "left", "enqueued", "dequeued"), ("muted", "held")
    total = sum(count for kind, count in repaired.items() if kind not in flags)
    many = total > DRIFT_LIMIT
    return Tile(
        "drift",
        "Repaired by reads",
        "amber" if many or (total and refused) else "ok",
        f"{total} in an hour" if total else "None",
        [
            Figure("Came and went", _count(sum(repaired.get(kind, 0) for kind in people)), "last hour"),
            Figure("Mute and hold", _count(sum(repaired.get(kind, 0) for kind in flags)), "no webhook tells"),
            Figure("Ends", _count(repaired.get("ended", 0)), "last hour"),
        ],
        _about_losses(many, total > 0, figures.telnyx),
        seen=figures.now,
        lines=[Line("Log of deliveries", figures.telnyx.log_reason, refused)] if refused else [],
    )


def _about_losses(many: bool, any_: bool, telnyx: Telnyx) -> str:
    """What only the log of deliveries can repair is not known without it: who speaks, why callers left."""
    if any_ and telnyx.log_refused_since:
        return (
            "Lost webhooks cannot be fetched, so who speaks may be not known. "
            "Let the API key read webhook deliveries."
        )
    return "Webhooks are lost: compare with the deliveries in the Telnyx portal." if many else NOTHING


def clock(figures: Figures) -> Tile:
    offset = figures.worker.clock_offset if figures.worker else None
    level, words = _keeping_time(offset)
    return Tile(
        "clock",
        "Clock",
        level,
        words,
        [
            Figure("Off Telnyx", "–" if offset is None else f"{abs(offset):.1f} s", "limit 30 s", level),
            Figure("This clock is", _direction(offset)),
            Figure("Refused from", "5:00", "signatures"),
        ],
        "Let this server follow a time server (NTP)." if level in {"amber", "red"} else NOTHING,
        seen=figures.telnyx.checked_at if offset is not None else None,
    )


def _keeping_time(offset: float | None) -> tuple[Level, str]:
    if offset is None:
        return "unknown", "Not known yet"
    if abs(offset) <= CLOCK_LIMIT:
        return "ok", "In step"
    return ("red" if abs(offset) >= CLOCK_REFUSED else "amber"), f"Off by {abs(offset):.0f} s"


def _direction(offset: float | None) -> str:
    if offset is None:
        return "–"
    if abs(offset) < 1:  # Telnyx tells whole seconds
        return "right"
    return "behind" if offset > 0 else "ahead"


# --- figures in words ----------------------------------------------------------------------------------
def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _milliseconds(value: int | None) -> str:
    if value is None:
        return "–"
    return f"{value} ms" if value < 1000 else f"{value / 1000:.1f} s"


def _bytes(value: int | None) -> str:
    if value is None:
        return "–"
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value = round(value / 1000)
    return f"{value / 1000:.1f} TB" if value >= 1000 else f"{value} GB"
