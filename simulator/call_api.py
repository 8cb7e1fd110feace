"""The addresses under /v2/calls that make, show, answer, end and connect calls."""

from __future__ import annotations

from simulator import calls, departures, errors, hearing, media, script_rules
from simulator.call_fields import ANSWER, BRIDGE, CONFIG, DIAL, HANGUP, REJECT, TRANSFER
from simulator.conference_fields import BARGE_OR_LESS
from simulator.fields import E164, Field, checked, exclusive
from simulator.legs import answered_leg, any_leg, live_leg
from simulator.messages import Reply, Request, ok, single
from simulator.state import Json, Leg, World, iso, new_id

CALL_KEPT_SECONDS = 600


def dial(world: World, request: Request) -> Reply:
    """Answers before anything has happened: `is_alive` is false, the leg's fate comes by webhook."""
    body = checked(request.body, DIAL)
    if body["connection_id"] not in world.applications:
        raise errors.bad_connection()
    media.chosen(world, body)
    numbers = body["to"] if isinstance(body["to"], list) else [body["to"]]
    for number in numbers or [""]:
        _check_destination(number)
    options = body | {"conference_config": _config(world, body)} | _relations(world, body) | _recorded(body)
    legs = [calls.dial(world, options["from"], number, options) for number in numbers]
    for leg in legs:
        leg.commanded = True
        leg.rivals = [one for one in legs if one is not leg]
    return single(_dialled(legs[0]) | _recorded(options))


def _check_destination(number: object) -> None:
    if not isinstance(number, str) or not (E164.fullmatch(number) or number.startswith(("sip:", "sips:"))):
        raise errors.not_e164("to")


def _config(world: World, body: Json) -> Json:
    if body["conference_config"] is None:
        return {}
    config = checked(body["conference_config"], CONFIG, "conference_config")
    media.chosen(world, config, "hold_audio_url", "hold_media_name")
    conference = calls.configured_conference(world, config)
    if conference is None:
        if config["id"]:
            raise errors.no_such_conference()
        if not config["conference_name"]:
            raise errors.missing("conference_config/conference_name")
        return config
    if not conference.live:
        raise errors.conference_ended()
    script_rules.leave_script_in(conference)
    return config


def _relations(world: World, body: Json) -> Json:
    """What ties the new leg to others: one session with `link_to`, an ear on another call."""
    relations: Json = {}
    needed = (body["bridge_on_answer"], body["bridge_intent"], body["park_after_unbridge"])
    if any(needed) and not body["link_to"]:
        raise errors.missing("link_to")
    if body["link_to"]:
        linked = any_leg(world, body["link_to"], "link_to")
        relations["call_session_id"] = linked.call_session_id
        if body["bridge_intent"]:
            relations["from"] = linked.from_number
        if body["bridge_on_answer"]:
            relations["bridge_with"] = live_leg(world, body["link_to"], "link_to")
    if body["supervise_call_control_id"]:
        supervised = answered_leg(world, body["supervise_call_control_id"], "supervise_call_control_id")
        relations["supervise"] = supervised
        script_rules.leave_script(supervised)
    return relations


def _recorded(body: Json) -> Json:
    """The id that the recording will have, known before there is anything to record."""
    return {"recording_id": body.get("recording_id") or new_id()} if body["record"] else {}


def _dialled(leg: Leg) -> Json:
    return {
        "record_type": "call",
        "call_control_id": leg.call_control_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "is_alive": False,
    } | ({"client_state": leg.client_state} if leg.client_state is not None else {})


def retrieve(world: World, request: Request) -> Reply:
    """Known until ten minutes after its end."""
    leg = world.legs.get(request.names["call_control_id"])
    if leg is None or _forgotten(world, leg):
        raise errors.not_found()
    data = _dialled(leg) | {"is_alive": not leg.ended, "start_time": iso(leg.started_at)}
    data["call_duration"] = duration(world, leg)
    if leg.ended_at is not None:
        data["end_time"] = iso(leg.ended_at)
    return single(data)


def _forgotten(world: World, leg: Leg) -> bool:
    return leg.ended_at is not None and world.clock.now() - leg.ended_at / 1_000_000 > CALL_KEPT_SECONDS


def duration(world: World, leg: Leg) -> int:
    until = leg.ended_at if leg.ended_at is not None else int(world.clock.now() * 1_000_000)
    return max(until - leg.started_at, 0) // 1_000_000


def answer(world: World, request: Request) -> Reply:
    body = checked(request.body, ANSWER)
    leg = commanded_leg(world, request, body, answered=False)
    if leg.state != "ringing" or leg.direction != "incoming":
        raise errors.cannot_execute("The call has already been answered.")
    leg.webhook_url = body["webhook_url"] or leg.webhook_url
    leg.webhook_urls |= body["webhook_urls"] or {}
    leg.on_answer = body | _recorded(body)
    calls.answer(world, leg)
    return single({"result": "ok"} | _recorded(leg.on_answer))


def hangup(world: World, request: Request) -> Reply:
    leg = commanded_leg(world, request, checked(request.body, HANGUP), answered=False)
    if leg.state == "ringing" and leg.direction == "outgoing":
        departures.hang_up(world, leg, "originator_cancel", "caller")
    else:
        departures.hang_up(
            world, leg, "normal_clearing", "callee" if leg.direction == "incoming" else "caller"
        )
    return ok()


def reject(world: World, request: Request) -> Reply:
    body = checked(request.body, REJECT)
    leg = commanded_leg(world, request, body, answered=False)
    if leg.state != "ringing" or leg.direction != "incoming":
        raise errors.cannot_execute("Only an unanswered incoming call can be rejected.")
    cause = "user_busy" if body["cause"] == "USER_BUSY" else "call_rejected"
    departures.hang_up(world, leg, cause, "callee")
    return ok()


def bridge(world: World, request: Request) -> Reply:
    """With another leg, or with the first caller of a queue, who leaves the queue whatever comes of it."""
    body = checked(request.body, BRIDGE)
    leg = commanded_leg(world, request, body)
    other = _to_bridge_with(world, body)
    if other is leg:
        raise errors.bad_call_control_id()
    if body["prevent_double_bridge"] and other.bridged_with is not None:
        raise errors.cannot_execute("The call is already bridged.")
    script_rules.leave_script(other)
    leg.park_after_unbridge = body["park_after_unbridge"] == "self" or bool(body["hold_after_unbridge"])
    calls.bridge(world, leg, other)
    calls.record(world, leg, body)
    return ok()


def _to_bridge_with(world: World, body: Json) -> Leg:
    for name in ("queue", "video_room_id"):
        exclusive(body, "call_control_id", name)
    exclusive(body, "queue", "video_room_id")
    if body["queue"]:
        return _first_in_queue(world, body["queue"])
    if body["video_room_id"]:
        raise errors.not_found()  # no video in this world
    if not body["call_control_id"]:
        raise errors.missing("call_control_id")
    return answered_leg(world, body["call_control_id"], "call_control_id")


def _first_in_queue(world: World, name: str) -> Leg:
    queue = world.queues.get(name)
    if queue is None or not queue.waiting:
        raise errors.cannot_execute(f"The '{name}' queue is empty.")
    first = queue.waiting[0]
    if not first.is_alive:
        departures.remove_from_queue(world, first.leg)
        raise errors.call_ended()
    return first.leg


def transfer(world: World, request: Request) -> Reply:
    body = checked(request.body, TRANSFER)
    _check_destination(body["to"])
    media.chosen(world, body)
    leg = commanded_leg(world, request, body)
    options = body | {"client_state": body["target_leg_client_state"]}
    calls.transfer(world, leg, body["to"], options).commanded = True
    return ok()


def switch_supervisor_role(world: World, request: Request) -> Reply:
    role = checked(request.body, {"role": Field(required=True, choices=BARGE_OR_LESS)})["role"]
    leg = commanded_leg(world, request, {})
    if leg.supervised is None:
        raise errors.cannot_execute("The call is not supervising another call.")
    leg.supervisor_role = role
    hearing.note_bridge(world, leg.supervised)
    return ok()


def commanded_leg(world: World, request: Request, body: Json, answered: bool = True) -> Leg:
    """The leg in the path, out of the script, with the command's client_state from now on."""
    find = answered_leg if answered else live_leg
    leg = find(world, request.names["call_control_id"])
    script_rules.leave_script(leg)
    if body.get("client_state") is not None:
        leg.client_state = body["client_state"]
    return leg
