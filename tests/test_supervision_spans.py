"""In which mode a supervision was at each moment, and who heard it: from what was told, in whatever order."""

from collections.abc import Sequence
from datetime import datetime
from itertools import permutations

import pytest

from supervision.spans import Mode, Part, Pressed, Span, Switch, heard, spans, switches
from telephony.facts import Occurrence
from tests.support.story import at

LISTEN, BARGE = Mode("monitor"), Mode("barge")
WHISPER = Mode("whisper", frozenset({"v3:agent"}))
OPENED, CLOSED = at(10), at(100)


def fact(number: int, mode: Mode, seconds: float) -> Occurrence:
    detail = {"role": mode.role, "whisper_to": sorted(mode.to)}
    event = f"reply:{number}"
    return Occurrence(event, "supervision:1", "v3:ear", "switched", at(seconds), "reply", detail)


def press(
    number: int, mode: Mode, sent: float, settled: float | None = None, outcome: str = "taken"
) -> Pressed:
    settled_at = None if settled is None else at(settled)
    return Pressed(str(number), mode, at(sent), settled_at, outcome == "taken", outcome == "unsure")


def said(found: Sequence[Span]) -> list[tuple[float, float | None, set[str]]]:
    """Seconds after noon, and the roles that may have been."""
    return [(after(one.since), end(one.until), {m.role for m in one.modes}) for one in found]


def end(moment: datetime | None) -> float | None:
    return after(moment) if moment else None


def after(moment: datetime) -> float:
    return (moment - at(0)).total_seconds()


def test_without_a_switch_it_is_one_mode() -> None:
    assert spans(OPENED, CLOSED, LISTEN, []) == [Span(OPENED, CLOSED, frozenset({LISTEN}))]
    assert spans(OPENED, None, WHISPER, [])[0].until is None
    assert spans(OPENED, OPENED, LISTEN, []) == []


def test_an_accepted_switch_is_a_moment() -> None:
    changes = switches([fact(1, WHISPER, 30.3), fact(2, BARGE, 60)], [press(1, WHISPER, 30, 30.3)])
    found = spans(OPENED, CLOSED, LISTEN, changes)
    assert said(found) == [(10, 30.3, {"monitor"}), (30.3, 60, {"whisper"}), (60, 100, {"barge"})]
    assert [one.role for one in found] == ["monitor", "whisper", "barge"]


def test_every_order_and_every_repetition_tells_the_same() -> None:
    facts = [fact(1, WHISPER, 30), fact(2, BARGE, 60), fact(3, LISTEN, 80)]
    pressed = [press(1, WHISPER, 29.8, 30), press(2, BARGE, 50, 60), press(4, WHISPER, 90, outcome="unsure")]
    truth = spans(OPENED, CLOSED, LISTEN, switches(facts, pressed))
    assert said(truth) == [
        (10, 30, {"monitor"}),
        (30, 50, {"whisper"}),
        (50, 60, {"whisper", "barge"}),
        (60, 80, {"barge"}),
        (80, 90, {"monitor"}),
        (90, 100, {"monitor", "whisper"}),
    ]
    for order in permutations(facts):
        for presses in permutations(pressed):
            told = switches([*order, order[0]], [*presses, presses[-1]])
            for changes in permutations(told):
                assert spans(OPENED, CLOSED, LISTEN, [*changes, changes[0]]) == truth


def test_a_late_answer_leaves_a_stretch_that_is_not_known() -> None:
    found = spans(OPENED, CLOSED, LISTEN, switches([fact(1, BARGE, 41)], [press(1, BARGE, 30, 41)]))
    assert said(found) == [(10, 30, {"monitor"}), (30, 41, {"monitor", "barge"}), (41, 100, {"barge"})]
    assert [one.role for one in found] == ["monitor", "", "barge"]


@pytest.mark.parametrize("settled", [None, 48])
def test_without_an_answer_it_is_not_known_until_the_next(settled: float | None) -> None:
    unsure = press(1, BARGE, 30, settled, "unsure")
    found = spans(OPENED, None, LISTEN, switches([], [unsure]))
    assert said(found) == [(10, 30, {"monitor"}), (30, None, {"monitor", "barge"})]
    settles = switches([fact(2, LISTEN, 60)], [unsure, press(2, LISTEN, 59.9, 60)])
    assert said(spans(OPENED, None, LISTEN, settles))[-1] == (60, None, {"monitor"})


def test_what_was_refused_changed_nothing() -> None:
    found = spans(OPENED, CLOSED, LISTEN, switches([], [press(1, BARGE, 30, 31, "refused")]))
    assert said(found) == [(10, 100, {"monitor"})]


def test_an_accepted_press_whose_facts_are_forgotten_is_known_by_the_log() -> None:
    found = spans(OPENED, CLOSED, LISTEN, switches([], [press(1, BARGE, 30, 30.5)]))
    assert said(found) == [(10, 30.5, {"monitor"}), (30.5, 100, {"barge"})]


def test_what_was_switched_before_joining_or_after_leaving_is_no_stretch() -> None:
    changes = switches([fact(1, BARGE, 5), fact(2, LISTEN, 120)], [])
    assert said(spans(OPENED, CLOSED, LISTEN, changes)) == [(10, 100, {"barge"})]


def parts(found: Sequence[Part]) -> list[tuple[float, float | None, str]]:
    return [(after(one.since), end(one.until), one.hearing) for one in found]


def stretches(*changes: Switch) -> list[Span]:
    return spans(OPENED, CLOSED, LISTEN, changes)


def test_a_whisper_is_heard_by_whom_it_is_for() -> None:
    found = stretches(Switch("1", WHISPER, at(30), at(30)))
    stay = [(at(0), None)]
    assert parts(heard(found, "v3:agent", stay)) == [(10, 30, "deaf"), (30, 100, "hears")]
    assert parts(heard(found, "v3:caller", stay)) == [(10, 100, "deaf")]


def test_in_doubt_a_caller_is_known_not_to_hear_what_no_mode_lets_them_hear() -> None:
    whispering = stretches(Switch("1", WHISPER, at(30), None))
    assert parts(heard(whispering, "v3:caller", [(at(0), None)])) == [(10, 100, "deaf")]
    assert parts(heard(whispering, "v3:agent", [(at(0), None)])) == [(10, 30, "deaf"), (30, 100, "unknown")]
    barging = stretches(Switch("1", BARGE, at(30), None))
    assert parts(heard(barging, "v3:caller", [(at(0), None)])) == [(10, 30, "deaf"), (30, 100, "unknown")]


def test_who_left_hears_nothing_and_who_is_held_hears_music() -> None:
    found = stretches(Switch("1", BARGE, at(30), at(30)))
    assert parts(heard(found, "v3:caller", [(at(0), at(40)), (at(60), None)], [(at(70), at(80))])) == [
        (10, 30, "deaf"),
        (30, 40, "hears"),
        (60, 70, "hears"),
        (70, 80, "held"),
        (80, 100, "hears"),
    ]
    on_hold = heard(found, "v3:caller", [(at(0), None)], [(at(50), None)])
    assert parts(on_hold) == [(10, 30, "deaf"), (30, 50, "hears"), (50, 100, "held")]
    assert parts(heard(found, "v3:caller", [(at(0), None)], [(at(20), None)])) == [
        (10, 30, "deaf"),
        (30, 100, "held"),
    ]
