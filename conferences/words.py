"""What happened, in words: one fact of a conference → one line of its timeline. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conferences.occurrences import media
from conferences.show_people import GATHERED, STARTED_WITHIN, covered
from dashboard.legs import Leg
from telephony.facts import Dated, moment

# kind of fact → icon, words about a person ({who}), words about everybody
WORDS = {
    "created": ("start", "Conference started", "Conference started"),
    "ended": ("end", "Conference ended", "Conference ended"),
    "joined": ("joined", "{who} joined", ""),
    "seated": ("joined", "{who} joined", ""),
    "left": ("left", "{who} left", ""),
    "floor": ("speaking", "{who} took the floor", ""),
    "muted": ("mute", "{who} muted", ""),
    "unmuted": ("unmute", "{who} unmuted", ""),
    "held": ("hold", "{who} on hold, hears music", ""),
    "resumed": ("resume", "{who} resumed", ""),
    "role": ("supervisor", "{who}", ""),
    "exits": ("left", "{who}", ""),
    "asked": ("digits", "{who} is asked for digits", ""),
    "keyed": ("digits", "{who} keyed", ""),
    "digit": ("digits", "{who} pressed", ""),
    "playing": ("playing", "Audio plays to {who}", "Audio plays to everyone"),
    "played": ("stop", "Audio to {who} ended", "Audio to everyone ended"),
    "speaking": ("speech", "Text is spoken to {who}", "Text is spoken to everyone"),
    "spoken": ("stop", "Speaking to {who} ended", "Speaking to everyone ended"),
    "recording_started": ("record", "", "Recording started"),
    "recording_paused": ("paused", "", "Recording paused"),
    "recording_resumed": ("record", "", "Recording continued"),
    "recording_stopped": ("stop", "", "Recording stopped"),
    "recording_saved": ("saved", "", "Recording saved"),
}
ROLES = {
    "monitor": "listens, nobody hears them",
    "whisper": "whispers",
    "barge": "is heard by everybody",
    "none": "takes part like everybody",
}
_DIALLED = {"monitor": "listening", "whisper": "whispering", "barge": "heard by everybody"}
_EXITS = {
    ("end_on_exit", True): "the conference ends for everybody when {who} leaves",
    ("end_on_exit", False): "the conference goes on when {who} leaves",
    ("soft_end_on_exit", True): "the conference ends softly when {who} leaves",
    ("soft_end_on_exit", False): "the conference does not end softly when {who} leaves",
}
_BEEPS = {
    "always": "a beep when {who} joins or leaves",
    "never": "no beep when {who} joins or leaves",
    "on_enter": "a beep when {who} joins",
    "on_exit": "a beep when {who} leaves",
}
_CHANNELS = {"single": "one channel", "dual": "two channels"}
_LONGEST_TEXT = 120


@dataclass(frozen=True, slots=True)
class Story:
    """What a line may need beside its own fact: all facts told, newest first, and who the legs are."""

    facts: Sequence[Dated]
    about: Mapping[str, Leg]
    end_words: str
    digits: bool

    def who(self, leg: str) -> str:
        return self.about[leg].label if leg in self.about else "somebody"


def words(fact: Dated, story: Story) -> str:
    _, personal, general = WORDS[fact.kind]
    said = personal.format(who=story.who(fact.leg)) if fact.leg and personal else general
    more = _MORE.get(fact.kind)
    return more(said, fact, story) if more else said or fact.kind.replace("_", " ")


def _ended(said: str, fact: Dated, story: Story) -> str:
    return f"{said}: {story.end_words}" if story.end_words else said


def _joined(said: str, fact: Dated, story: Story) -> str:
    if fact.detail.get("joining"):
        return f"{story.who(fact.leg)} is joining"
    dialled = [one for one in story.facts if one.leg == fact.leg and one.detail.get("dialled")]
    role = next((str(one.detail.get("role")) for one in dialled if one.at <= fact.at + STARTED_WITHIN), "")
    return f"{said}, {_DIALLED[role]}" if role in _DIALLED else said


def _held(said: str, fact: Dated, story: Story) -> str:
    what = fact.detail.get("what")
    return f"{story.who(fact.leg)} on hold, hears {what}" if what else said


def _role(said: str, fact: Dated, story: Story) -> str:
    role = str(fact.detail.get("role", ""))
    to = ", ".join(story.who(leg) for leg in fact.detail.get("whisper_to") or [])
    return f"{said} {ROLES.get(role, role)}" + (f" to {to}" if role == "whisper" and to else "")


def _exits(said: str, fact: Dated, story: Story) -> str:
    """What follows their leaving, as our command set it."""
    flags = [text for flag, text in _EXITS.items() if fact.detail.get(flag[0]) is flag[1]]
    beep = _BEEPS.get(str(fact.detail.get("beep_enabled", "")))
    together = "; ".join([*flags, *([beep] if beep else [])]).format(who=said)
    return together[:1].upper() + together[1:] or f"{said}: nothing follows their leaving"


def _keyed(said: str, fact: Dated, story: Story) -> str:
    told = fact.detail
    keys = covered(str(told.get("digits") or told.get("digit") or ""), story.digits) or "nothing"
    status = str(told.get("status", ""))
    return f"{said} {keys}" + (f": {GATHERED.get(status, status)}" if status else "")


def _playing(said: str, fact: Dated, story: Story) -> str:
    what = media(fact.detail)
    return _by(f"{said}: {what}" if what else said, _command(fact, "play_sent", story))


def _speaking(said: str, fact: Dated, story: Story) -> str:
    command = _command(fact, "speak_sent", story)
    text = str(command.detail.get("what", "")) if command else ""
    short = text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
    return _by(f"{said}: “{short}”" if short else said, command)


def _by(said: str, command: Dated | None) -> str:
    by = command.detail.get("by") if command else ""
    return f"{said}, by {by}" if by else said


def _command(fact: Dated, kind: str, story: Story) -> Dated | None:
    """The nearest of our commands that may have started this."""
    same = [one for one in story.facts if (one.kind, one.leg) == (kind, fact.leg)]
    near = [one for one in same if abs(one.at - fact.at) <= STARTED_WITHIN and _fits(one, fact)]
    return min(near, key=lambda one: abs(one.at - fact.at), default=None)


def _fits(command: Dated, fact: Dated) -> bool:
    return media(fact.detail) in {"", command.detail.get("what")}


def _continued(said: str, fact: Dated, story: Story) -> str:
    paused = next(
        (one for one in story.facts if one.kind.startswith("recording_") and one.at < fact.at), None
    )
    if paused is None or paused.kind != "recording_paused":
        return said
    return f"{said}, {_clock(fact.at, paused.at)} not recorded"


def _saved(said: str, fact: Dated, story: Story) -> str:
    told = fact.detail
    begun, ended = moment(told.get("recording_started_at")), moment(told.get("recording_ended_at"))
    channels = str(told.get("channels", ""))
    parts = [
        _clock(ended, begun) if begun and ended else "",
        _CHANNELS.get(channels, channels),
        str(told.get("format", "")),
    ]
    return ": ".join(part for part in (said, ", ".join(part for part in parts if part)) if part)


def _clock(until: datetime, since: datetime) -> str:
    minutes, seconds = divmod(max(0, int((until - since).total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


_MORE: Mapping[str, Callable[[str, Any, Story], str]] = {
    "ended": _ended,
    "joined": _joined,
    "held": _held,
    "role": _role,
    "exits": _exits,
    "keyed": _keyed,
    "digit": _keyed,
    "playing": _playing,
    "speaking": _speaking,
    "recording_resumed": _continued,
    "recording_saved": _saved,
}
