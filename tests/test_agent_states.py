"""What an agent does now, of their legs; and what they are told of who supervises, by policy."""

from datetime import datetime

import pytest

from agents.signs import Supervisor, signs
from agents.states import Kind, Line, State, state
from tests.support.story import at

ME = "Priya Nair"


def line(leg: str = "v3:one", **fields: datetime | str) -> Line:
    return Line(leg, initiated_at=at(0), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], State(Kind.FREE, None)),
        ([line()], State(Kind.RINGING, at(0), "v3:one")),
        ([line(answered_at=at(2))], State(Kind.ON_A_CALL, at(2), "v3:one")),
        ([line(answered_at=at(2), bridged_at=at(3))], State(Kind.ON_A_CALL, at(3), "v3:one")),
        ([line(conference_id="c", joined_at=at(4))], State(Kind.ON_A_CALL, at(4), "v3:one")),
        ([line(conference_id="c", joined_at=at(4), held_at=at(9))], State(Kind.ON_HOLD, at(9), "v3:one")),
        ([line(answered_at=at(2), over_at=at(7))], State(Kind.AFTER_CALL, at(7), "v3:one")),
        ([line(answered_at=at(2), over_at=at(7), ended_at=at(8))], State(Kind.FREE, at(8))),
        ([line(over_at=at(7)), line("v3:two")], State(Kind.RINGING, at(0), "v3:two")),
        ([line(ended_at=at(8)), line("v3:two", ended_at=at(9))], State(Kind.FREE, at(9))),
    ],
)
def test_the_state_of_each_kind_of_leg(lines: list[Line], expected: State) -> None:
    assert state(lines) == expected


def test_a_call_counts_before_one_that_rings_beside_it_whatever_their_order() -> None:
    talking, ringing = line(conference_id="c", joined_at=at(4)), line("v3:two")
    assert state([talking, ringing]) == state([ringing, talking]) == State(Kind.ON_A_CALL, at(4), "v3:one")


def test_who_is_in_a_conference_is_there_though_an_old_event_ended_the_leg() -> None:
    assert state([line(conference_id="c", joined_at=at(4), ended_at=at(3))]).kind is Kind.ON_A_CALL


def test_of_two_calls_the_newest_is_told() -> None:
    older, newer = (
        line(conference_id="c", joined_at=at(1)),
        line("v3:two", conference_id="d", joined_at=at(2)),
    )
    assert state([older, newer]).leg == "v3:two"


# --- the sign ------------------------------------------------------------------------------------------
DANA = Supervisor("Dana Whitfield", "monitor", at(1))
LUIS = Supervisor("Luis Ortega", "monitor", at(0))
MARTA = Supervisor("Marta Okafor", "whisper", at(2), [ME])
RUTH = Supervisor("Ruth Adeyemi", "barge", at(3))


def told(policy: str, *supervisors: Supervisor) -> list[tuple[str, str, datetime]]:
    return [(sign.tone, sign.words, sign.since) for sign in signs(supervisors, policy, ME)]


def test_who_listens_is_named_told_of_or_not_by_policy() -> None:
    assert told("named", DANA) == [("monitor", "Supervised: Dana Whitfield is listening", at(1))]
    assert told("plain", DANA) == [("monitor", "Supervised", at(1))]
    assert told("nothing", DANA) == []


def test_two_listeners_are_two_names_or_one_plain_sign_since_the_first() -> None:
    assert [words for _, words, _ in told("named", DANA, LUIS)] == [
        "Supervised: Luis Ortega is listening",
        "Supervised: Dana Whitfield is listening",
    ]
    assert told("plain", DANA, LUIS) == [("monitor", "Supervised", at(0))]


@pytest.mark.parametrize("policy", ["named", "plain", "nothing"])
def test_who_can_be_heard_is_always_named_and_comes_first(policy: str) -> None:
    assert told(policy, DANA, MARTA, RUTH)[:2] == [
        ("whisper", "Marta Okafor whispers", at(2)),
        ("barge", "Ruth Adeyemi has barged in", at(3)),
    ]


@pytest.mark.parametrize(
    ("to", "note"),
    [
        ([ME], "Only you hear it."),
        ([ME, "Owen Hartley"], "Only you and Owen Hartley hear it."),
        ([], "Only whom it is meant for hears it."),
        (["Owen Hartley"], "Only Owen Hartley hears it."),
        (["Owen Hartley", "Grace Liu"], "Only Owen Hartley and Grace Liu hear it."),
    ],
)
def test_a_whisper_says_who_hears_it(to: list[str], note: str) -> None:
    (sign,) = signs([Supervisor("Marta Okafor", "whisper", at(2), to)], "nothing", ME)
    assert sign.note == note


def test_a_barge_says_that_everyone_hears_it() -> None:
    assert signs([RUTH], "nothing", ME)[0].note == "Everyone hears Ruth Adeyemi."
