"""What the figures mean: limits, words, and when the silence of webhooks is a fault."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from supervisor_site import silence, tiles
from supervisor_site.vitals import Figures, Process, Redis, Stored, Telnyx, Tile

NOW = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)
MINUTE = int(NOW.timestamp() // 60)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


READ = Telnyx(reachable=True, checked_at=ago(4), latency_ms=84)


def process(**told: Any) -> Process:
    return replace(Process(beat_at=ago(2), started_at=ago(7200), worked_at=ago(1), serves=True), **told)


def steady(per_minute: int, last: float, minutes: int = 60) -> dict[str, Any]:
    """So many webhooks in each minute until `last` seconds ago."""
    newest = int(ago(last).timestamp() // 60)
    return {
        "webhooks": dict.fromkeys(range(newest - minutes + 1, newest + 1), per_minute),
        "webhook_at": ago(last),
    }


def figures(telnyx: Telnyx = READ, calls_up: int = 6, **told: Any) -> Figures:
    return Figures(NOW, [process(**told)], telnyx, Stored(calls_up=calls_up))


def said(key: str, of: Figures) -> tuple[str, str]:
    tile = tile_of(key, of)
    return tile.level, tile.words


def tile_of(key: str, of: Figures) -> Tile:
    return next(tile for tile in tiles.judge(of) if tile.key == key)


def test_every_tile_says_how_it_is_since_when_and_what_to_do() -> None:
    working = process(clock_offset=0.1, redis=Redis(ms=1), **steady(45, last=3))
    for tile in tiles.judge(Figures(NOW, [working], READ)):
        assert tile.words and tile.todo
        assert tile.seen is not None and ago(5) <= tile.seen <= NOW, tile.key


# --- the gap rule --------------------------------------------------------------------------------------
def test_webhooks_that_come_are_no_news() -> None:
    assert said("webhooks", figures(**steady(45, last=3))) == ("ok", "Arriving")


def test_silence_while_calls_are_up_is_red_from_one_minute_on() -> None:
    assert said("webhooks", figures(**steady(45, last=59))) == ("ok", "Arriving")
    silent = tile_of("webhooks", figures(**steady(45, last=60)))
    assert (silent.level, silent.words, silent.since) == ("red", "None for", ago(60))
    assert "Telnyx portal" in silent.todo


def test_silence_without_calls_is_never_red() -> None:
    for seconds in (60, 600, 86_000):
        quiet = figures(calls_up=0, **steady(45, last=seconds))
        assert said("webhooks", quiet) == ("idle", "Quiet, no calls")


def test_where_webhooks_are_rare_ten_usual_gaps_may_pass() -> None:
    rare = steady(1, last=599)  # one a minute: ten minutes
    assert silence.gap_limit(figures(**rare)) == timedelta(minutes=10)
    assert said("webhooks", figures(**rare)) == ("ok", "Arriving")
    assert said("webhooks", figures(**steady(1, last=600)))[0] == "red"


def test_a_minute_of_silence_is_a_rate_of_none() -> None:
    def rate(seconds: float) -> str:
        return silence.tile(figures(**steady(45, last=seconds))).figures[0].value

    assert (rate(59), rate(60)) == ("45", "0")


def test_only_the_hour_before_the_silence_counts() -> None:
    long_ago = {MINUTE - 200: 10_000}
    webhooks = {MINUTE - 30: 1, MINUTE - 35: 1, **long_ago}
    assert silence.gap_limit(figures(webhooks=webhooks, webhook_at=ago(1800))) == timedelta(minutes=30)


def test_without_a_read_that_shows_the_calls_it_is_not_certain() -> None:
    for telnyx in (
        Telnyx(reachable=False, checked_at=ago(2)),
        Telnyx(reachable=True, checked_at=ago(61)),
        Telnyx(),
    ):
        assert said("webhooks", figures(telnyx, **steady(45, last=200))) == ("amber", "None for")


def test_a_first_webhook_is_waited_for_since_the_start() -> None:
    assert said("webhooks", figures(started_at=ago(30))) == ("unknown", "None yet")
    never = tile_of("webhooks", figures(started_at=ago(250)))
    assert (never.level, never.since) == ("red", ago(250))


def test_webhooks_of_all_processes_are_added_up() -> None:
    ended = process(beat_at=ago(900), webhooks={MINUTE - 1: 30}, webhook_at=ago(70), refused={MINUTE - 2: 2})
    now = process(webhooks={MINUTE - 1: 12, MINUTE: 1}, webhook_at=ago(1), refused={MINUTE - 70: 5})
    tile = silence.tile(Figures(NOW, [ended, now], READ))
    assert [figure.value for figure in tile.figures[:2]] == ["42", "2"]
    assert tile.figures[1].level == "amber"
    assert tile.figures[2].since == ago(1)


def test_the_usual_is_the_middle_half_of_the_hour() -> None:
    counts = {MINUTE - place: 40 + place % 5 for place in range(60)}
    tile = silence.tile(figures(webhooks=counts, webhook_at=ago(1)))
    assert tile.figures[0].note == "usual 41 – 43"


# --- Telnyx's API ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("reachable", "status", "expected"),
    [
        (None, None, ("unknown", "Not asked yet")),
        (True, 200, ("ok", "Reachable")),
        (True, 404, ("ok", "Reachable")),
        (True, 429, ("amber", "Busy (429)")),
        (False, 401, ("red", "Refuses the key (401)")),
        (False, 503, ("red", "Cannot be reached")),
        (False, None, ("red", "Cannot be reached")),
    ],
)
def test_the_api(reachable: bool | None, status: int | None, expected: tuple[str, str]) -> None:
    telnyx = Telnyx(reachable=reachable, since=ago(100), checked_at=ago(3))
    assert said("api", figures(telnyx, status=status)) == expected


def test_few_requests_left_and_a_slow_answer_are_marked() -> None:
    slow = replace(READ, latency_ms=2400)
    tile = tile_of("api", figures(slow, status=200, rate_left=49, rate_reset=22.0))
    assert [(figure.value, figure.level) for figure in tile.figures[:2]] == [
        ("2.4 s", "amber"),
        ("49", "amber"),
    ]
    assert tile.figures[1].note == "new in 22 s"


# --- processes ---------------------------------------------------------------------------------------------
def test_pages() -> None:
    both = [process(sockets=30, renders=2.0), process(sockets=11, renders=1.1, behind=2, cut=1)]
    tile = tile_of("pages", Figures(NOW, [*both, process(beat_at=ago(20), sockets=500, behind=9)]))
    assert (tile.level, tile.words) == ("amber", "2 behind")
    assert [figure.value for figure in tile.figures] == ["41", "3.1 /s", "1"]
    assert said("pages", Figures(NOW, both[:1])) == ("ok", "All in step")


@pytest.mark.parametrize(
    ("age", "expected"),
    [(9.9, ("ok", "Beats")), (10, ("amber", "Late")), (59.9, ("amber", "Late")), (60, ("red", "Stopped"))],
)
def test_the_worker(age: float, expected: tuple[str, str]) -> None:
    assert said("worker", figures(worked_at=ago(age))) == expected


def test_a_worker_that_was_killed_stays_and_the_newest_one_counts() -> None:
    serving, killed = process(worked_at=None), process(serves=False, beat_at=ago(70), worked_at=ago(72))
    assert said("worker", Figures(NOW, [serving, killed])) == ("red", "Stopped")
    assert said("worker", Figures(NOW, [serving, killed, process(serves=False)])) == ("ok", "Beats")
    assert said("worker", Figures(NOW, [serving])) == ("red", "Stopped")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, ("idle", "Not used")),
        (Redis(ms=1, memory=11_000_000, most=256_000_000), ("ok", "Answers")),
        (Redis(ms=101), ("amber", "Slow")),
        (Redis(ms=None), ("red", "Does not answer")),
    ],
)
def test_redis(told: Redis | None, expected: tuple[str, str]) -> None:
    assert said("redis", figures(redis=told)) == expected


def test_sizes_are_in_words() -> None:
    tile = tile_of("redis", figures(redis=Redis(ms=1, memory=11_400_000, most=256_000_000, clients=4)))
    assert [(figure.value, figure.note) for figure in tile.figures] == [
        ("1 ms", "limit 100 ms"),
        ("11 MB", "of 256 MB"),
        ("4", ""),
    ]


@pytest.mark.parametrize(("took", "expected"), [(500, ("ok", "Answers")), (501, ("amber", "Slow"))])
def test_the_database(took: int, expected: tuple[str, str]) -> None:
    assert said("database", figures(commit_ms=took)) == expected


# --- inbox, drift, clock -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (Stored(), ("ok", "Keeps up")),
        (Stored(waiting=41, waiting_since=ago(9)), ("ok", "Keeps up")),
        (Stored(waiting=41, waiting_since=ago(10)), ("amber", "Late")),
        (Stored(waiting=41, waiting_since=ago(60), dead=1), ("red", "Stopped")),
        (Stored(dead=1), ("amber", "1 dead letter")),
        (Stored(dead=2), ("amber", "2 dead letters")),
    ],
)
def test_the_inbox(stored: Stored, expected: tuple[str, str]) -> None:
    assert said("inbox", Figures(NOW, [process()], READ, stored)) == expected


def test_what_reads_repaired() -> None:
    stored = Stored(repaired={"joined": 3, "left": 2, "muted": 1, "ended": 1})
    tile = tile_of("drift", Figures(NOW, [], READ, stored))
    assert (tile.level, tile.words) == ("ok", "6 in an hour")
    assert [figure.value for figure in tile.figures] == ["5", "1", "1"]
    by_others = Stored(repaired={"muted": 30, "held": 30})  # of which Telnyx sends no webhook
    assert said("drift", Figures(NOW, [], READ, by_others)) == ("ok", "None")
    assert said("drift", Figures(NOW, [], READ, Stored(repaired={"joined": 21}))) == (
        "amber",
        "21 in an hour",
    )
    assert said("drift", Figures(NOW)) == ("ok", "None")


def test_lost_webhooks_that_were_fetched_and_a_log_that_cannot_be_read() -> None:
    def lost(telnyx: Telnyx) -> tuple[str, str, str]:
        figure = tile_of("webhooks", Figures(NOW, [], telnyx, Stored(recovered=12))).figures[3]
        return figure.value, figure.note, figure.level

    refused = replace(READ, log_refused_since=ago(60), log_reason="Telnyx does not allow it")
    assert lost(READ) == ("12", "last hour", "ok")
    assert lost(refused) == ("–", "log not readable", "amber")
    tile = tile_of("drift", Figures(NOW, [], refused))
    assert (tile.level, tile.todo) == ("ok", "Nothing to do.")
    tile = tile_of("drift", Figures(NOW, [], refused, Stored(repaired={"joined": 1})))
    assert (tile.level, tile.words) == ("amber", "1 in an hour")
    assert "webhook deliveries" in tile.todo
    assert [(line.what, line.how, line.at) for line in tile.lines] == [
        ("Log of deliveries", "Telnyx does not allow it", ago(60))
    ]


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (None, ("unknown", "Not known yet")),
        (-30.0, ("ok", "In step")),
        (30.6, ("amber", "Off by 31 s")),
        (-300.0, ("red", "Off by 300 s")),
    ],
)
def test_the_clock(offset: float | None, expected: tuple[str, str]) -> None:
    assert said("clock", figures(clock_offset=offset)) == expected


def test_every_tile_says_what_to_do() -> None:
    for tile in tiles.judge(Figures(NOW)):
        assert len(tile.figures) == (4 if tile.key == "webhooks" else 3)
        assert tile.words
        assert tile.todo.endswith(".")
