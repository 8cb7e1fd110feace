"""Who hears whom, now, and the log of every change of it."""

from __future__ import annotations

from simulator.state import Conference, Leg, Participant, World, iso

MOST_CHANGES = 200_000


def note(world: World, conference: Conference) -> None:
    """Call after every change of a conference: logs each person whose hearing is no longer what it was."""
    people = conference.participants
    now = {ccid: _hears(conference, listener) for ccid, listener in people.items()}
    _log(world, conference.id, conference.id, now)


def note_bridge(world: World, leg: Leg) -> None:
    """The same for two bridged legs without a conference, and who supervises them (`conference_id` null)."""
    if leg.bridged_with is None:
        return
    pair = [leg, leg.bridged_with]
    present = pair + [one for one in supervisors(pair) if one.state == "answered"]
    now = {one.call_control_id: _hears_on_bridge(one, present) for one in present}
    _log(world, _bridge_key(leg, leg.bridged_with), None, now)


def end_bridge(world: World, leg: Leg) -> None:
    """Call before two bridged legs part: nobody there hears anybody any more."""
    if leg.bridged_with is not None:
        _log(world, _bridge_key(leg, leg.bridged_with), None, {})


def supervisors(legs: list[Leg]) -> list[Leg]:
    return [one for leg in legs for one in leg.watchers if not one.ended]


def _bridge_key(one: Leg, other: Leg) -> str:
    return "bridge:" + min(one.call_control_id, other.call_control_id)


def _hears(conference: Conference, listener: Participant) -> tuple[str, ...]:
    if listener.on_hold:
        return ()
    others = conference.participants.values()
    return tuple(sorted(one.leg.call_control_id for one in others if _reaches(one, listener)))


def _reaches(speaker: Participant, listener: Participant) -> bool:
    if speaker is listener or speaker.muted or speaker.on_hold or speaker.supervisor_role == "monitor":
        return False
    if speaker.supervisor_role == "whisper":
        return listener.leg.call_control_id in speaker.whisper_ids
    return True


def _hears_on_bridge(listener: Leg, present: list[Leg]) -> tuple[str, ...]:
    heard = [one for one in present if one is not listener and _reaches_on_bridge(one, listener)]
    return tuple(sorted(one.call_control_id for one in heard))


def _reaches_on_bridge(speaker: Leg, listener: Leg) -> bool:
    """A whispering supervisor reaches the supervised leg only, as the Dial command's description says."""
    if speaker.supervised is None or speaker.supervisor_role == "barge":
        return True
    return speaker.supervisor_role == "whisper" and listener is speaker.supervised


def _log(world: World, key: str, conference_id: str | None, now: dict[str, tuple[str, ...]]) -> None:
    before = world.heard.get(key, {})
    at = iso(world.stamp())
    for ccid in sorted(before.keys() | now.keys()):
        hears = now.get(ccid, ())
        if hears != before.get(ccid, ()):
            entry = {"at": at, "conference_id": conference_id, "call_control_id": ccid, "hears": list(hears)}
            world.hearing.append(entry)
    world.hearing_forgotten += max(len(world.hearing) - MOST_CHANGES, 0)
    del world.hearing[:-MOST_CHANGES]
    if now:
        world.heard[key] = now
    else:
        world.heard.pop(key, None)
