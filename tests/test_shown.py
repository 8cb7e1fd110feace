"""What templates say of facts: times, levels against a limit, and buttons in each of their states."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest

from dashboard.templatetags import shown

AT = datetime(2026, 11, 23, 14, 31, 58, 120_000, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    word: str
    unknown: bool = False


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0:00"), (59.9, "0:59"), (168, "2:48"), (3768, "1:02:48"), (None, "–")]
)
def test_a_length_is_said_as_minutes_and_seconds(seconds: float | None, words: str) -> None:
    assert shown.clock(seconds) == words


def test_a_time_is_the_same_text_in_every_zone() -> None:
    assert shown.iso(AT) == "2026-11-23T14:31:58.120000Z"
    assert shown.iso(AT.astimezone(timezone(timedelta(hours=9)))) == shown.iso(AT)
    assert shown.iso(None) == ""


@pytest.mark.parametrize(
    ("percent", "level"), [(None, "none"), (80, "ok"), (79, "amber"), (76, "amber"), (75, "red"), (0, "red")]
)
def test_a_service_level_is_red_from_five_points_below(percent: int | None, level: str) -> None:
    assert shown.below(percent, 80) == level


@pytest.mark.parametrize(
    ("count", "level"), [(None, "ok"), (6, "ok"), (7, "amber"), (11, "amber"), (12, "red")]
)
def test_a_count_is_amber_above_its_limit_and_red_at_twice(count: int | None, level: str) -> None:
    assert shown.above(count, 6) == level


def test_nothing_above_a_limit_of_none_at_all_is_red() -> None:
    assert shown.above(0, 0) == "ok"
    assert shown.above(1, 0) == "red"


def test_a_timer_carries_its_limits_and_says_nothing_to_readers() -> None:
    timer = shown.timer(AT, "clock", 96.0, 120)
    assert 'data-since="2026-11-23T14:31:58.120000Z"' in timer
    assert 'data-amber="96" data-red="120"' in timer
    assert 'aria-hidden="true"' in timer
    assert shown.timer(None) == "–"


def test_a_button_at_rest_names_whom_it_is_about() -> None:
    button = shown.command("b-1", "Mute", "/mute", seen="unmuted", on='"Ann" <x>', sign="mute", shortcut="M")
    assert 'hx-post="/mute"' in button
    assert "{&quot;seen&quot;: &quot;unmuted&quot;}" in button
    assert 'aria-label="Mute &quot;Ann&quot; &lt;x&gt;"' in button
    assert "aria-disabled" not in button
    assert button.endswith("Mute</button>")


def test_a_sent_button_keeps_its_place_and_cannot_be_pressed() -> None:
    button = shown.command("b-1", "Mute", "/mute", sent=Sent("Muting"), on="Ann")
    assert 'id="b-1"' in button
    assert 'aria-disabled="true"' in button
    assert 'aria-label="Muting Ann"' in button
    assert button.endswith("Muting</button>")


def test_a_command_without_an_answer_is_being_checked() -> None:
    button = shown.command("b-1", "Mute", "/mute", sent=Sent("Muting", unknown=True))
    assert "checking" in button
    assert button.endswith("Checking</button>")


@pytest.mark.parametrize(
    ("name", "letters"), [("Dana Whitfield", "DW"), ("Cher", "C"), ("Ana de Sousa", "AS"), ("", "")]
)
def test_initials(name: str, letters: str) -> None:
    assert shown.initials(name) == letters
