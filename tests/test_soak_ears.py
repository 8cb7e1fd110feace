"""Random runs of supervisions: nobody hears a supervisor who was not to; and what is planted is found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.soak_ears import Ears
from bench.soak_heard import CLOCKS, EVERYBODY, Wish, allowed, hearers, overheard, touched
from tests.support.earshot import Earshot

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EAR, AGENT, CALLER = "v3:ear", "v3:agent", "v3:caller"
NOBODY: frozenset[str] = frozenset()


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def wish(pressed: float, settled: float | None, state: str, whom: frozenset[str]) -> Wish:
    return Wish(EAR, at(pressed), None if settled is None else at(settled), state, whom)


def heard(second: float, listener: str, *legs: str) -> dict[str, Any]:
    return {"at": at(second).isoformat(), "conference_id": "c", "call_control_id": listener, "hears": legs}


def test_some_random_runs(earshot: Earshot) -> None:
    found = Ears(earshot, seed=7, runs=2, kill=False).run()
    assert found.holds, found.words()
    assert found.done["runs"] == 2
    assert found.done["supervising legs"] >= 1
    assert "Nobody heard" in found.words()


def test_who_may_hear_is_what_was_pressed() -> None:
    listen, barge = wish(0, 1, "done", NOBODY), wish(5, 6, "accepted", EVERYBODY)
    back = wish(10, 12, "accepted", NOBODY)
    story = [listen, barge, back]
    assert [bool(allowed(story, at(second))) for second in (2, 5.5, 7, 11, 12.5)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_what_is_not_known_may_be_and_what_was_refused_is_not() -> None:
    listen = wish(0, 1, "done", NOBODY)
    assert allowed([listen, wish(5, 30, "unknown", EVERYBODY)], at(40)) == EVERYBODY
    assert allowed([listen, wish(5, None, "open", EVERYBODY)], at(40)) == EVERYBODY
    refused = [listen, wish(5, 6, "refused", EVERYBODY)]
    assert (allowed(refused, at(5.5)), allowed(refused, at(7))) == (EVERYBODY, NOBODY)


def test_roles_say_who_hears() -> None:
    whisper = {"supervisor_role": "whisper", "whisper_call_control_ids": [AGENT]}
    assert hearers(whisper) == {AGENT}
    assert hearers({"supervisor_role": "monitor"}) == NOBODY
    assert hearers({"supervisor_role": "barge"}) == EVERYBODY


@pytest.mark.parametrize(
    ("changes", "whom", "wrong"),
    [
        ([heard(3, AGENT, EAR, CALLER)], NOBODY, 1),
        ([heard(3, CALLER, EAR), heard(3, AGENT, EAR)], frozenset({AGENT}), 1),
        ([heard(3, AGENT, EAR)], frozenset({AGENT}), 0),
        ([heard(3, AGENT, CALLER)], NOBODY, 0),
    ],
)
def test_whoever_hears_too_much_is_found(
    changes: list[dict[str, Any]], whom: frozenset[str], wrong: int
) -> None:
    assert len(list(overheard(changes, {EAR: [wish(0, 1, "done", whom)]}))) == wrong


def test_whoever_goes_on_hearing_is_found() -> None:
    story = {EAR: [wish(0, 1, "done", EVERYBODY), wish(5, 6, "accepted", NOBODY)]}
    too_long, in_time = 6 + 3 * CLOCKS.total_seconds(), 5.9
    for end, wrong in ((too_long, 1), (in_time, 0)):
        changes = [heard(2, AGENT, EAR), heard(end, AGENT)]
        assert len(list(overheard(changes, story))) == wrong


def test_a_button_that_touches_a_supervising_leg_is_found() -> None:
    def asked(verb: str, *legs: str) -> dict[str, Any]:
        return {
            "path": f"/v2/conferences/c/actions/{verb}",
            "at": "",
            "body": {"call_control_ids": list(legs)},
        }

    fine = [asked("mute", AGENT), asked("leave"), {"path": "/v2/calls", "at": "", "body": None}]
    assert list(touched(fine, {EAR})) == []
    assert len(list(touched([*fine, asked("unmute", AGENT, EAR), asked("hold")], {EAR}))) == 2
