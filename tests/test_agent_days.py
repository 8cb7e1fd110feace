"""What an agent did on one day: the fold against a reference, and the figures that events make of it."""

import random
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from agents import days
from agents.day import Day, Doing, Piece, Span, Stay, day
from agents.models import Seat
from agents.projection import project
from agents.strip import HOUR, Ear, Raising, strip
from dashboard.models import Agent
from queues.windows import midnight
from supervisor_site.rebuild import rebuild
from telephony.events import parse
from tests.support.people import Cast
from tests.support.story import (
    AGENT,
    CALLER,
    CONFERENCE,
    NOON,
    at,
    forget,
    source_of,
    tell,
    tell_at_once,
    told,
)

START, END = NOON, NOON + timedelta(seconds=600)


# --- the fold ------------------------------------------------------------------------------------------
def drawn(dice: random.Random) -> list[Stay]:
    """Legs that come and go, are held, are hung up or never are, from before the day until after it."""
    found = []
    for leg in range(dice.randint(0, 4)):
        ended = at(dice.randint(-100, 800)) if dice.random() < 0.8 else None
        for _ in range(dice.randint(1, 4)):
            since = dice.randint(-200, 700)
            until = at(since + dice.randint(0, 300)) if dice.random() < 0.8 else None
            spans = [_span(dice) for _ in range(dice.choice([0, 0, 1, 3]))]
            found.append(
                Stay(f"v3:{leg}", f"place {dice.randint(1, 5)}", at(since), until, ended, tuple(spans))
            )
    return found


def _span(dice: random.Random) -> Span:
    since = dice.randint(-200, 700)
    return Span(at(since), at(since + dice.randint(1, 200)) if dice.random() < 0.9 else None)


def doing(stays: list[Stay], moment: datetime) -> Doing | None:
    """The reference: what they do at one moment, asked of every stay."""
    there = [stay for stay in stays if _covers(stay.since, stay.end, moment)]
    if any(not any(_covers(span.since, span.until, moment) for span in stay.held) for stay in there):
        return Doing.TALK
    if there:
        return Doing.HOLD
    left = [stay for stay in stays if stay.end and _covers(stay.end, stay.leg_ended, moment)]
    return Doing.AFTER if left else None


def _covers(since: datetime, until: datetime | None, moment: datetime) -> bool:
    return since <= moment and (until is None or moment < until)


def by_second(found: Day) -> list[Doing | None]:
    seconds: list[Doing | None] = [None] * 600
    for piece in found.pieces:
        first = int((piece.since - START).total_seconds())
        last = int((piece.until - START).total_seconds()) if piece.until else 600
        for second in range(first, last):
            assert seconds[second] is None
            seconds[second] = piece.doing
    return seconds


@pytest.mark.parametrize("seed", range(10))
def test_each_second_is_what_the_reference_says(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(4):
        stays = drawn(dice)
        found = day(stays, START, END)
        assert by_second(found) == [doing(stays, at(second)) for second in range(600)]
        assert day([*reversed(stays), *stays], START, END) == found
        assert found.calls == len(
            {stay.place for stay in stays if stay.since < END}
            - {stay.place for stay in stays if stay.since < START}
        )
        assert all(one.until for one in found.pieces[:-1])


def test_a_day_is_as_long_as_the_zones_clock_makes_it() -> None:
    with timezone.override("Europe/Berlin"):
        for day_of, hours in (((2026, 3, 29), 23), ((2026, 7, 1), 24), ((2026, 10, 25), 25)):
            start = midnight(datetime(*day_of, 12, tzinfo=UTC))
            assert days.following(start) - start.astimezone(UTC) == timedelta(hours=hours)
            assert midnight(start) == start and timezone.localtime(start).hour == 0


def test_each_hour_of_a_drawn_day_is_filled_as_the_pieces_say() -> None:
    start, minute = NOON.replace(hour=0), timedelta(minutes=1)
    pieces = [
        Piece(Doing.TALK, NOON + 50 * minute, NOON + 130 * minute),
        Piece(Doing.HOLD, NOON + 130 * minute, NOON + 135 * minute),
        Piece(Doing.TALK, NOON + 135 * minute, None),
    ]
    drawn = strip(Day(1, pieces), start, start + 24 * HOUR)
    assert drawn and [line.word for line in drawn.lines] == [f"{hour}:00" for hour in range(12, 24)]
    bars = [[(mark.doing, mark.x, mark.width) for mark in line.marks] for line in drawn.lines]
    talk, hold = Doing.TALK, Doing.HOLD
    assert bars[:4] == [[(talk, 83.33, 16.67)], [(talk, 0, 100)], [(talk, 0, 16.67), (hold, 16.67, 8.33)], []]
    # What goes on has no length, and may go on until midnight; hours without news may not have begun.
    assert [line.running_from for line in drawn.lines if line.running] == [
        NOON + 135 * minute,
        *(line.begins for line in drawn.lines[3:]),
    ]
    assert [line.begun for line in drawn.lines] == [True] * 3 + [False] * 9
    assert [(row.since, row.until) for row in drawn.rows] == [(one.since, one.until) for one in pieces[::-1]]
    assert strip(Day(0, []), start, start + 24 * HOUR) is None


def test_over_a_drawn_day_stand_who_supervised_and_raised_hands() -> None:
    start, minute = NOON.replace(hour=0), timedelta(minutes=1)
    day = Day(1, [Piece(Doing.TALK, NOON, None)])
    ears = [
        Ear("barge", "Dana", NOON + 75 * minute, None),
        Ear("monitor", "Dana", NOON + 30 * minute, NOON + 75 * minute),
        Ear("monitor", "Luis", start - 60 * minute, start - 30 * minute),
        Ear("whisper", "Luis", NOON + 45 * minute, NOON + 48 * minute, known=True),
    ]
    hands = [Raising(NOON + 45 * minute, "I need help"), Raising(start - minute, "Something else")]
    drawn = strip(day, start, start + 24 * HOUR, ears, hands)
    assert drawn and "1 call, 1 raised hand." in drawn.label
    first, second = ([(ear.role, ear.x, ear.width) for ear in line.ears] for line in drawn.lines[:2])
    assert first == [("monitor", 50, 50), ("whisper", 75, 5)]
    assert second == [("monitor", 0, 25), ("barge", 25, 0)]
    assert drawn.lines[1].ears[1].running_from == NOON + 75 * minute
    assert [line.hands for line in drawn.lines[:2]] == [[75], []]
    assert [(row.words, row.until) for row in drawn.rows] == [
        ("Dana barged in", None),
        ("Raised a hand: I need help", None),
        ("Whispered to by Luis", NOON + 48 * minute),
        ("Listened to by Dana", NOON + 75 * minute),
        ("On a call", None),
    ]
    assert [row.moment for row in drawn.rows] == [False, True, False, False, False]


def test_the_hours_drawn_are_those_of_the_zones_clock() -> None:
    with timezone.override("Europe/Berlin"):
        for day_of, words in (
            ((2026, 3, 29), ["00:00", "01:00", "03:00"]),
            ((2026, 10, 25), ["00:00", "01:00", "02:00 CEST", "02:00 CET", "03:00"]),
        ):
            start = midnight(datetime(*day_of, 12, tzinfo=UTC))
            whole = Day(1, [Piece(Doing.TALK, start, days.following(start))])
            drawn = strip(whole, start, days.following(start))
            assert drawn and [line.word for line in drawn.lines][: len(words)] == words
            assert len(drawn.lines) == {3: 23, 10: 25}[day_of[1]]
            assert all([(mark.x, mark.width) for mark in line.marks] == [(0, 100)] for line in drawn.lines)


# --- the figures that events make ----------------------------------------------------------------------
PRIYA = {"from": "+18005550110", "to": "+13125550147", "direction": "outgoing"}
OTHER = "5e1a-another"
STORY = [
    told("call.initiated", 0, AGENT, **PRIYA),
    told("call.initiated", 0, CALLER, direction="incoming", **{"from": "+14155550142", "to": "+1800"}),
    told("conference.participant.joined", 1, CALLER),
    told("conference.participant.joined", 10, AGENT),
    told("reply.hold", 30, conference_id=CONFERENCE, legs=[CALLER]),
    told("reply.resume", 50, conference_id=CONFERENCE, legs=[CALLER]),
    told("reply.hold", 60, conference_id=CONFERENCE, legs=[AGENT]),
    told("reply.resume", 65, conference_id=CONFERENCE, legs=[AGENT]),
    told("reply.hold", 80, conference_id=CONFERENCE, legs=[CALLER]),
    told("conference.participant.left", 100, CALLER),
    told("call.hangup", 100, CALLER, hangup_cause="normal_clearing"),
    told("conference.participant.left", 110, AGENT),
    told("conference.participant.joined", 130, AGENT, conference_id=OTHER),
    told("conference.participant.left", 140, AGENT, conference_id=OTHER),
    told("call.hangup", 145, AGENT, hangup_cause="normal_clearing"),
]


def figures() -> dict[str, object]:
    named = ("day_from", "calls", "talk", "hold", "after_call", "doing", "doing_since")
    return dict(Seat.objects.values(*named).get(agent__name="Priya Nair"))


WHOLE = {
    "day_from": NOON.replace(hour=0),
    "calls": 2,
    "talk": 20_000 + 10_000 + 15_000 + 10_000 + 10_000,
    "hold": 20_000 + 5_000 + 20_000,
    "after_call": 20_000 + 5_000,
    "doing": "",
    "doing_since": None,
}


@pytest.mark.django_db
@pytest.mark.engines
def test_the_figures_are_the_same_in_any_order_and_after_a_rebuild(cast: Cast) -> None:
    with time_machine.travel(at(3600), tick=False):
        tell(STORY)
        assert figures() == WHOLE
        Seat.objects.update(talk=1, calls=7, doing="hold")
        rebuild()
        assert figures() == WHOLE
        for seed in range(4):
            forget()
            shuffled = random.Random(seed).sample(STORY + STORY[::3], k=len(STORY) + len(STORY[::3]))
            tell_at_once(shuffled[:7])
            tell(shuffled[7:])
            assert figures() == WHOLE, seed


@pytest.mark.django_db
def test_what_goes_on_is_a_sum_and_a_moment(cast: Cast) -> None:
    with time_machine.travel(at(3600), tick=False):
        tell(STORY[:4])
        assert (figures()["talk"], figures()["doing"], figures()["doing_since"]) == (0, "talk", at(10))
        tell(STORY[4:5])
        assert (figures()["talk"], figures()["doing"], figures()["doing_since"]) == (20_000, "hold", at(30))
        # The caller hangs up on hold, and only the leg's end is told: it ends the hold.
        tell([told("call.hangup", 40, CALLER, hangup_cause="normal_clearing")])
        assert (figures()["hold"], figures()["doing"], figures()["doing_since"]) == (10_000, "talk", at(40))


@pytest.mark.django_db
def test_a_bridged_call_and_a_supervising_leg(cast: Cast) -> None:
    other = {"from": "+14155550142", "to": "+18005550110", "direction": "incoming"}
    with time_machine.travel(at(3600), tick=False):
        tell([told("call.initiated", 0, AGENT, **PRIYA), told("call.initiated", 0, CALLER, **other)])
        tell([told("call.bridged", 5, AGENT), told("call.bridged", 5, CALLER)])
        tell([told("call.hold", 20, AGENT), told("call.unhold", 30, AGENT)])
        tell([told("call.hangup", 60, AGENT, hangup_cause="normal_clearing")])
        assert (figures()["calls"], figures()["talk"], figures()["hold"]) == (1, 45_000, 10_000)


@pytest.mark.django_db
def test_the_worker_begins_a_new_day_at_midnight(cast: Cast) -> None:
    """A call that goes on is of the day before; its time is of each day's own."""
    late = NOON.replace(hour=23, minute=59, second=50)
    before = (late - NOON).total_seconds()
    with time_machine.travel(late + timedelta(seconds=5), tick=False) as clock:
        tell(STORY[:1])
        tell([told("conference.participant.joined", before, AGENT)])
        assert (figures()["calls"], figures()["doing_since"], days.tick()) == (1, late, set())
        version = Seat.objects.get().version
        clock.move_to(late + timedelta(seconds=12))
        seat = Seat.objects.get()
        assert days.tick() == {("agent", str(seat.agent_id))} and days.tick() == set()
        midnight = late + timedelta(seconds=10)
        assert (figures()["day_from"], figures()["calls"], figures()["doing_since"]) == (
            midnight,
            0,
            midnight,
        )
        assert Seat.objects.get().version == version + 1
        # Nobody ever hung up: the day after next it has lost its end.
        clock.move_to(late + timedelta(hours=49))
        days.tick()
        assert figures()["doing"] == ""


@pytest.mark.django_db
def test_a_batch_costs_as_many_queries_for_many_agents_as_for_one(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with time_machine.travel(at(3600), tick=False):
        tell(STORY)
        everybody = list(Agent.objects.all())
        for some in (everybody[:1], everybody):
            with django_assert_max_num_queries(10):
                days.renew(some)


@pytest.mark.django_db
@pytest.mark.engines
@pytest.mark.parametrize(
    ("told_before", "event", "most"),
    [
        pytest.param(1, 0, 4, id="an agent is called who was nowhere yet"),
        pytest.param(2, 1, 4, id="the caller of a call that rings at them is told of"),
        pytest.param(3, 2, 6, id="a caller joins before the agent"),
        pytest.param(4, 3, 7, id="the agent joins"),
        pytest.param(5, 4, 10, id="their caller is held"),
    ],
)
def test_one_event_reads_and_writes_what_it_may_change(
    cast: Cast,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    told_before: int,
    event: int,
    most: int,
) -> None:
    with time_machine.travel(at(3600), tick=False):
        days.tick()
        tell([told("call.speak.started", 0, AGENT), *STORY[:told_before]])
        version, before = Seat.objects.get(agent__name="Priya Nair").version, figures()
        with django_assert_max_num_queries(most):
            touched = project([parse(STORY[event], source=source_of(STORY[event]), received_at=at(3600))])
        assert figures() == before
        assert Seat.objects.get(agent__name="Priya Nair").version == version + len(touched)
        with django_assert_max_num_queries(0):
            spoken = told("call.speak.ended", 70, AGENT)
            assert not project([parse(spoken, source="webhook", received_at=at(3600))])


@pytest.mark.django_db
def test_a_leg_whose_number_comes_late_has_its_day_all_the_same(cast: Cast) -> None:
    with time_machine.travel(at(3600), tick=False):
        tell(STORY[3:4])
        assert not Seat.objects.filter(doing="talk").exists()
        tell(STORY[:1])
        assert (figures()["calls"], figures()["doing_since"]) == (1, at(10))
