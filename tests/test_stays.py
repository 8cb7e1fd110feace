"""When a leg was there: openings and closings as a set, proof before guesses."""

import itertools
from datetime import datetime

import pytest

from telephony.facts import Occurrence
from telephony.stays import End, Stay, stays
from tests.support.story import at


def joined(seconds: float, source: str = "webhook") -> Occurrence:
    return Occurrence(f"j{seconds}", "conference:c", "leg", "joined", at(seconds), source)


def left(seconds: float, source: str = "webhook") -> Occurrence:
    return Occurrence(f"l{seconds}", "conference:c", "leg", "left", at(seconds), source)


def spans(*facts: Occurrence, ends: tuple[End, ...] = ()) -> list[tuple[datetime, datetime | None]]:
    """The stays of these facts in every order; all orders must agree."""
    first, *others = (_stays(order, ends) for order in itertools.permutations(facts))
    assert all(other == first for other in others)
    return [(stay.opened_at, stay.closed_at) for stay in first]


def _stays(facts: tuple[Occurrence, ...], ends: tuple[End, ...]) -> list[Stay]:
    return stays(facts, opens="joined", closes="left", ends=ends)


def test_one_stay_that_goes_on() -> None:
    assert spans(joined(1)) == [(at(1), None)]


def test_leaving_and_joining_again_makes_two_stays() -> None:
    assert spans(joined(1), left(2), joined(3)) == [(at(1), at(2)), (at(3), None)]


def test_a_closing_waits_for_its_opening() -> None:
    assert spans(left(2)) == []
    assert spans(left(2), joined(1)) == [(at(1), at(2))]


def test_a_lost_closing_ends_the_stay_when_the_next_begins() -> None:
    assert spans(joined(1), joined(5), left(7)) == [(at(1), at(5)), (at(5), at(7))]


def test_the_first_of_two_closings_counts() -> None:
    assert spans(joined(1), left(2), left(3)) == [(at(1), at(2))]


def test_a_spare_closing_ends_a_stay_that_turns_up_late() -> None:
    assert spans(joined(1), left(2), joined(2.5), left(3)) == [(at(1), at(2)), (at(2.5), at(3))]


@pytest.mark.parametrize("guess", [0.9, 1.1])
def test_a_reads_guess_is_the_same_stay_as_a_webhooks_proof(guess: float) -> None:
    assert spans(joined(guess, "read"), joined(1)) == [(at(1), None)]


def test_a_reads_guess_stands_where_the_webhook_was_lost() -> None:
    assert spans(joined(1, "read"), left(4, "read")) == [(at(1), at(4))]


def test_a_webhooks_closing_beats_an_earlier_guess() -> None:
    assert spans(joined(1), left(3, "read"), left(4)) == [(at(1), at(4))]


def test_an_end_closes_whatever_is_open_even_what_opened_after_it() -> None:
    hung_up = End(at(5), "hangup")
    assert spans(joined(1), ends=(hung_up,)) == [(at(1), at(5))]
    assert spans(joined(6), ends=(hung_up,)) == [(at(6), at(6))]
    assert spans(joined(1), left(3), ends=(hung_up,)) == [(at(1), at(3))]
    assert spans(joined(1), left(9, "read"), ends=(hung_up,)) == [(at(1), at(5))]


def test_a_later_end_is_not_why_somebody_was_found_gone() -> None:
    (stay,) = _stays((joined(1), left(4, "read")), (End(at(50), "hangup"),))
    assert (stay.closed_at, stay.because) == (at(4), "")
