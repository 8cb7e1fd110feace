"""Asking a caller for digits, and the keys that callers press."""

from __future__ import annotations

from dataclasses import dataclass

from simulator import audio, events
from simulator.clock import Timer
from simulator.state import Json, Leg, World


@dataclass(frozen=True)
class Prompt:
    """What is played or said to ask for the digits; `kind` as in `audio.Playing`."""

    kind: str
    media: Json
    seconds: float


@dataclass(eq=False)
class Gather:
    """One question in progress: the options as Telnyx names them, and what was keyed so far."""

    options: Json
    prompt: Prompt | None = None
    digits: str = ""
    tries: int = 1
    timer: Timer | None = None
    pause: Timer | None = None


def start(world: World, leg: Leg, options: Json, prompt: Prompt | None = None) -> None:
    """Asks, again after each silence as often as `maximum_tries` says; cancels a question still open.

    Ends by `call.gather.ended`. A prompt is announced as audio on the call; that of a conference has no
    webhooks (SPEC).
    """
    finish(world, leg, "cancelled")
    leg.gather = Gather(options, prompt)
    _ask(world, leg)
    if leg.scripted:
        _answer_by_itself(world, leg, options)


def press(world: World, leg: Leg, digits: str) -> None:
    """The far party keys these."""
    for digit in digits:
        events.dtmf_received(world, leg, digit)
        if leg.gather:
            _take(world, leg, leg.gather, digit)


def finish(world: World, leg: Leg, status: str) -> None:
    asked: Gather | None = leg.gather
    if asked is None:
        return
    leg.gather = None
    _stop_waiting(asked)
    if asked.prompt and status != "call_hangup":
        audio.stop_prompt(world, leg)
    events.gather_ended(world, leg, asked.digits, status, asked.options)


def _take(world: World, leg: Leg, asked: Gather, digit: str) -> None:
    options = asked.options
    if asked.prompt:
        audio.stop_prompt(world, leg)
    if digit == options["terminating_digit"]:
        _judge(world, leg, asked)
        return
    if digit not in options["valid_digits"]:
        return
    asked.digits += digit
    if len(asked.digits) >= options["maximum_digits"]:
        finish(world, leg, "valid")
    else:
        _wait_for_next_digit(world, leg, asked)


def _judge(world: World, leg: Leg, asked: Gather) -> None:
    if len(asked.digits) >= asked.options["minimum_digits"]:
        finish(world, leg, "valid")
    else:
        _try_again(world, leg, asked)


def _try_again(world: World, leg: Leg, asked: Gather) -> None:
    if asked.tries >= asked.options["maximum_tries"]:
        finish(world, leg, "invalid")
        return
    asked.tries += 1
    asked.digits = ""
    _ask(world, leg)


def _ask(world: World, leg: Leg) -> None:
    prompt = leg.gather.prompt
    if prompt:
        audio.play(world, None, [leg], prompt.kind, prompt.media, prompt.seconds)
    _wait(world, leg)


def _wait(world: World, leg: Leg) -> None:
    asked: Gather = leg.gather
    _stop_waiting(asked)
    first = asked.options.get("initial_timeout_millis")
    if first:
        asked.pause = world.timers.after(first / 1000, lambda: _too_late(world, leg))
    asked.timer = world.timers.after(asked.options["timeout_millis"] / 1000, lambda: _too_late(world, leg))


def _wait_for_next_digit(world: World, leg: Leg, asked: Gather) -> None:
    if asked.pause:
        asked.pause.cancel()
    seconds = asked.options["inter_digit_timeout_millis"] / 1000
    asked.pause = world.timers.after(seconds, lambda: _too_late(world, leg))


def _too_late(world: World, leg: Leg) -> None:
    asked: Gather | None = leg.gather
    if asked is None:
        return
    if not asked.digits and asked.tries < asked.options["maximum_tries"]:
        asked.tries += 1
        _ask(world, leg)
        return
    enough = len(asked.digits) >= asked.options["minimum_digits"]
    finish(world, leg, "valid" if enough else "timeout")


def _stop_waiting(asked: Gather) -> None:
    for timer in (asked.timer, asked.pause):
        if timer:
            timer.cancel()


def _answer_by_itself(world: World, leg: Leg, options: Json) -> None:
    """Who comes from the script keys something fitting after a moment; others wait to be told."""
    count = min(options["maximum_digits"], max(options["minimum_digits"], 4))
    usable = [digit for digit in options["valid_digits"] if digit != options["terminating_digit"]] or ["1"]
    digits = "".join(world.dice.choice(usable) for _ in range(count))
    if count < options["maximum_digits"]:
        digits += options["terminating_digit"]
    leg.timers.append(world.timers.after(3.0, lambda: press(world, leg, digits)))
