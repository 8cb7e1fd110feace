"""Calls: coming in, dialled, answered, refused, bridged, transferred, supervised."""

from __future__ import annotations

from simulator import audio, conferences, departures, errors, events, hearing, queues, recordings
from simulator.state import Behaviour, Conference, Json, Leg, World

REFUSALS = {
    "busy": ("user_busy", "callee"),
    "no_answer": ("no_answer", "callee"),
    "reject": ("call_rejected", "callee"),
    "not_found": ("not_found", "unknown"),
}


def incoming(
    world: World, from_number: str, to_number: str, caller_id_name: str | None = None, scripted: bool = False
) -> Leg:
    """Somebody calls one of our numbers: the leg is parked, to be answered by a command."""
    leg = world.new_leg("incoming", from_number, to_number, caller_id_name=caller_id_name, scripted=scripted)
    events.call_initiated(world, leg)
    return leg


def answer(world: World, leg: Leg) -> None:
    """The leg is answered: by a command when it came in, by the far party when it was dialled."""
    if leg.state != "ringing":
        return
    leg.state, leg.answered_at = "answered", world.stamp()
    for timer in leg.timers:
        timer.cancel()
    leg.timers.clear()
    events.call_answered(world, leg)
    for rival in leg.rivals:
        departures.hang_up(world, rival, "originator_cancel", "caller")
    _limit(world, leg)
    _go_where_dialled_for(world, leg)


def dial(world: World, from_number: str, to_number: str, options: Json, state: str = "parked") -> Leg:
    """Calls somebody; `options` as in CallRequest. The far party answers, or not, by itself."""
    leg = world.new_leg(
        "outgoing",
        from_number,
        to_number,
        caller_id_name=options.get("from_display_name"),
        call_session_id=options.get("call_session_id"),
        client_state=options.get("client_state"),
        webhook_url=options.get("webhook_url"),
        webhook_urls=dict(options.get("webhook_urls") or {}),
        connection_id=options.get("connection_id"),
        scripted=bool(options.get("scripted")),
    )
    leg.park_after_unbridge = options.get("park_after_unbridge") == "self"
    leg.on_answer = options
    events.call_initiated(world, leg, state)
    _ring(world, leg, options.get("timeout_secs") or 30)
    config = options.get("conference_config") or {}
    if config and config.get("early_media") is not False:
        _join_configured(world, leg, config)
    return leg


def _ring(world: World, leg: Leg, timeout_secs: float) -> None:
    behaviour = world.phones.get(leg.to_number) or Behaviour("answer", leg.on_answer.get("answer_after"))
    usual = world.dice.uniform(*world.settings.answer_seconds)
    timeout = world.timers.after(timeout_secs, lambda: departures.hang_up(world, leg, "timeout", "unknown"))
    leg.timers.append(timeout)
    if behaviour.does == "no_answer" and behaviour.after is None:
        return
    seconds = usual if behaviour.after is None else behaviour.after
    leg.timers.append(world.timers.after(seconds, lambda: far_party_does(world, leg, behaviour.does)))


def far_party_does(world: World, leg: Leg, what: str) -> None:
    """`what`: answer, busy, no_answer, reject, hangup, or not_found, which the network says of the number."""
    if what == "answer":
        answer(world, leg)
    elif what in REFUSALS and leg.state == "ringing":
        cause, source = REFUSALS[what]
        departures.hang_up(world, leg, cause, source)
    elif what == "hangup":
        departures.hang_up(world, leg, "normal_clearing", far_side(leg))


def far_side(leg: Leg) -> str:
    return "caller" if leg.direction == "incoming" else "callee"


def _limit(world: World, leg: Leg) -> None:
    """Only what was dialled has a limit of its own (SPEC, time_limit_secs)."""
    if leg.direction == "incoming":
        return
    seconds = leg.on_answer.get("time_limit_secs") or 14400
    limit = world.timers.after(seconds, lambda: departures.hang_up(world, leg, "time_limit", "unknown"))
    leg.timers.append(limit)


def _go_where_dialled_for(world: World, leg: Leg) -> None:
    options = leg.on_answer
    record(world, leg, options)
    _greet(world, leg, options)
    config = options.get("conference_config") or {}
    if config and leg.participant is None:
        _join_configured(world, leg, config)
    if options.get("supervise"):
        supervise(world, leg, options["supervise"], options.get("supervisor_role") or "barge")
    if options.get("bridge_with"):
        bridge(world, options["bridge_with"], leg)


def record(world: World, leg: Leg, options: Json) -> None:
    """From now on, if `record` says so. `options` as in CallRequest, AnswerRequest or BridgeRequest."""
    if options.get("record") != "record-from-answer":
        return
    chosen = {
        "channels": options.get("record_channels") or "dual",
        "format": options.get("record_format") or "mp3",
        "custom_file_name": options.get("record_custom_file_name"),
        "recording_id": options.get("recording_id"),
        "max_length": options.get("record_max_length"),
    }
    by = "OutboundAPI" if leg.direction == "outgoing" else "StartCallRecordingAPI"
    recordings.start(world, leg, None, chosen, by)


def _greet(world: World, leg: Leg, options: Json) -> None:
    """What whoever was dialled hears first: the digits that were ordered, and a file."""
    leg.tones += options.get("send_digits_on_answer") or ""
    for key, name in (("audio_url", "media_url"), ("media_name", "media_name")):
        if options.get(key):
            sound = {name: options[key]}
            audio.play(world, None, [leg], "playback", sound, audio.length(sound))


def _join_configured(world: World, leg: Leg, config: Json) -> None:
    """The conference may be gone or full by the time of the answer: then the leg is left parked."""
    conference = configured_conference(world, config)
    try:
        if conference is not None:
            conferences.join(world, conference, leg, config)
        elif config.get("conference_name"):
            conferences.create(world, leg, config["conference_name"], config)
    except errors.Refusal:
        return


def configured_conference(world: World, config: Json) -> Conference | None:
    if config.get("id"):
        return world.conferences.get(config["id"])
    return conferences.live_by_name(world, config.get("conference_name") or "")


def supervise(world: World, leg: Leg, supervised: Leg, role: str) -> None:
    """A third ear (and voice) on a bridged call: monitor, whisper or barge."""
    if supervised.ended:
        departures.hang_up(world, leg)
        return
    leg.supervised, leg.supervisor_role = supervised, role
    supervised.watchers.append(leg)
    hearing.note_bridge(world, supervised)


def bridge(world: World, leg: Leg, other: Leg) -> None:
    """Connects two answered legs, out of wherever they were; nothing if one is gone meanwhile."""
    if leg.state != "answered" or other.state != "answered":
        return
    for one in (leg, other):
        departures.leave_queue(world, one, "bridged")
        departures.leave_conference(world, one)
        departures.unbridge(world, one)
        audio.stop_for_leg(world, one, "cancelled")
    if leg.ended or other.ended:
        return
    leg.bridged_with, other.bridged_with = other, leg
    events.call_bridged(world, leg)
    events.call_bridged(world, other)
    hearing.note_bridge(world, leg)


def transfer(world: World, leg: Leg, to_number: str, options: Json) -> Leg:
    """Dials somebody for this leg, which is bridged with them when they answer."""
    options = options | {"bridge_with": leg, "call_session_id": leg.call_session_id}
    return dial(world, options.get("from") or leg.to_number, to_number, options, "bridging")


def enqueue_at_once(world: World, leg: Leg, queue: str) -> None:
    """What a call centre's own program does with a caller: answer, then queue."""
    answer(world, leg)
    queues.enqueue(world, leg, queue)
