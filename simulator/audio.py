"""Announcements and speech: what is being played to whom, until when."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from simulator import events
from simulator.clock import Timer
from simulator.state import Conference, Json, Leg, World


@dataclass(eq=False)
class Playing:
    """Audio for a whole conference (`leg` None), for one participant, or (`conference` None) for a leg."""

    kind: str  # playback | speak
    conference: Conference | None
    leg: Leg | None
    media: Json
    timer: Timer | None = None


def length(media: Json) -> float:
    """Seconds of one round: by the URL or the name, so that the same audio is always as long."""
    return 4.0 + zlib.crc32(repr(sorted(media.items())).encode()) % 90 / 10


def speech_length(text: str) -> float:
    return max(1.0, len(text) / 15)


def play(
    world: World,
    conference: Conference | None,
    legs: list[Leg | None],
    kind: str,
    media: Json,
    seconds: float | None,
) -> None:
    """Starts it for each of `legs` (None: the conference) in place of what played; seconds None: for ever."""
    for leg in legs:
        for other in [one for one in world.audio if one.conference is conference and one.leg is leg]:
            _end(world, other, "cancelled")
        _start(world, Playing(kind, conference, leg, media), seconds)


def stop(world: World, conference: Conference, legs: list[Leg]) -> None:
    """Ends what these hear of their own; with no legs, all that plays in the conference."""
    for one in list(world.audio):
        if one.conference is conference and (not legs or one.leg in legs):
            _end(world, one, "cancelled")


def stop_prompt(world: World, leg: Leg) -> None:
    """Ends what plays to the call itself, not what its conference plays to it."""
    for one in list(world.audio):
        if one.leg is leg and one.conference is None:
            _end(world, one, "cancelled")


def stop_for_leg(world: World, leg: Leg, status: str) -> None:
    for one in list(world.audio):
        if one.leg is leg:
            _end(world, one, status)


def _start(world: World, playing: Playing, seconds: float | None) -> None:
    world.audio.append(playing)
    _announce(world, playing, "started")
    if seconds is not None:
        playing.timer = world.timers.after(seconds, lambda: _end(world, playing, "completed"))


def _end(world: World, playing: Playing, status: str) -> None:
    if playing not in world.audio:
        return
    world.audio.remove(playing)
    if playing.timer:
        playing.timer.cancel()
    _announce(world, playing, "ended", status)


def _announce(world: World, playing: Playing, what: str, status: str = "") -> None:
    media = playing.media
    conference, leg = playing.conference, playing.leg
    if conference is None:
        if leg is not None:
            _announce_to_leg(world, playing, leg, what, status, media)
        return
    creator = {"creator_call_session_id": conference.creator.call_session_id}
    if leg is None:
        payload = {"connection_id": conference.creator.connection_id, "conference_id": conference.id}
        events.announce(
            world, f"conference.{playing.kind}.{what}", payload | creator | media, conference.creator
        )
    else:
        payload = events.conference_ids(conference, leg) | creator | media
        events.announce(world, f"conference.participant.{playing.kind}.{what}", payload, leg)


def _announce_to_leg(world: World, playing: Playing, leg: Leg, what: str, status: str, media: Json) -> None:
    payload = events.ids(leg) | media
    if playing.kind == "playback":
        payload["overlay"] = False
    if what == "ended":
        payload["status"] = _leg_status(playing.kind, status)
    events.announce(world, f"call.{playing.kind}.{what}", payload, leg)


def _leg_status(kind: str, status: str) -> str:
    # Speech has no status "cancelled" (SPEC).
    return "completed" if kind == "speak" and status == "cancelled" else status
