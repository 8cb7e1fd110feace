"""`/_simulator/…`: what only the owner of this world may see and do. Asks for no key: it is on loopback."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from simulator import calls, conferences, errors, gather, recordings, truth, visits
from simulator.fields import Field, checked
from simulator.legs import any_leg, live_leg
from simulator.messages import Reply, Request, nothing
from simulator.state import Behaviour, Leg, Settings

if TYPE_CHECKING:
    from simulator.app import Simulator

PLANTED = {
    "seconds": Field("number", required=True, low=0, high=14400),
    "conference_id": Field(),
    "call_control_id": Field(),
    "format": Field(choices=("wav", "mp3"), default="mp3"),
    "channels": Field(choices=("single", "dual"), default="single"),
    "custom_file_name": Field(low=1, high=40),
}
DOES = ("answer", "busy", "no_answer", "reject", "not_found")
LEG_DOES = (*DOES, "hangup", "talk", "key")


def answer(simulator: Simulator, request: Request) -> Reply:
    parts = request.path.removeprefix("/_simulator/").rstrip("/").split("/")
    handler = HANDLERS.get((request.method, parts[0]))
    if handler is None or len(parts) > 2:
        raise errors.not_found()
    request.names = {"id": unquote(parts[1])} if len(parts) == 2 else {}
    return handler(simulator, request)


def show_truth(simulator: Simulator, request: Request) -> Reply:
    """The floor now; with `figures` also what the day came to in each queue: in time is `within` so many
    seconds, and hang-ups before `short` count as nothing."""
    found = truth.floor(simulator.world)
    if "figures" in request.query:
        fields = {"within": Field("integer", default=120, low=0), "short": Field("integer", default=0, low=0)}
        asked = {name: int(request.query[name]) for name in fields if request.query.get(name, "").isdecimal()}
        found["figures"] = visits.day(simulator.world, **checked(asked, fields))
    return Reply(200, found)


def show_visits(simulator: Simulator, request: Request) -> Reply:
    return Reply(200, {"visits": visits.shown(simulator.world)})


def show_requests(simulator: Simulator, request: Request) -> Reply:
    method, part = request.query.get("method"), request.query.get("path_contains", "")
    found = [
        one for one in simulator.world.requests if method in (None, one["method"]) and part in one["path"]
    ]
    return Reply(200, {"requests": found})


def clear_requests(simulator: Simulator, request: Request) -> Reply:
    simulator.world.requests.clear()
    return nothing()


def add_fault(simulator: Simulator, request: Request) -> Reply:
    simulator.faults.add(request.body)
    return nothing()


def clear_faults(simulator: Simulator, request: Request) -> Reply:
    simulator.faults.clear()
    simulator.world.settings.link_seconds = Settings.link_seconds
    return nothing()


def set_links(simulator: Simulator, request: Request) -> Reply:
    """For how many seconds a recording's link works from now on, until the faults are cleared."""
    fields = {"seconds": Field("number", required=True, low=0)}
    simulator.world.settings.link_seconds = float(checked(request.body, fields)["seconds"])
    return nothing()


def set_limit(simulator: Simulator, request: Request) -> Reply:
    """How many requests a minute the API takes from now on; a new minute begins."""
    fields = {"requests_a_minute": Field("integer", required=True, low=1)}
    simulator.rate.allow(int(checked(request.body, fields)["requests_a_minute"]))
    return nothing()


def plant_recording(simulator: Simulator, request: Request) -> Reply:
    """A recording of `seconds` of a conference or a call, as if it had run that long and stopped just now."""
    world, body = simulator.world, checked(request.body, PLANTED)
    ccid, conference_id = body["call_control_id"], body["conference_id"]
    conference = conferences.find(world, conference_id) if conference_id else None
    leg = conference.creator if conference else any_leg(world, ccid or "")
    return Reply(200, {"recording_id": recordings.plant(world, leg, conference, body, body["seconds"]).id})


def show_traffic(simulator: Simulator, request: Request) -> Reply:
    state = {
        "running": simulator.world.timers.running,
        "script": simulator.traffic.started,
        "deliveries_waiting": simulator.deliveries.waiting,
    }
    return Reply(200, state)


def set_traffic(simulator: Simulator, request: Request) -> Reply:
    """Freezes the world, or lets it go on; the latter starts the script too, unless `script` is false."""
    fields = {"running": Field("boolean", required=True), "script": Field("boolean", default=True)}
    body = checked(request.body, fields)
    if body["running"]:
        simulator.world.timers.thaw()
        if body["script"]:
            simulator.traffic.start()
    else:
        simulator.world.timers.freeze()
    return show_traffic(simulator, request)


def place_call(simulator: Simulator, request: Request) -> Reply:
    """An incoming call outside the script; with `queue`, answered and queued at once."""
    fields = {
        "from": Field(required=True),
        "to": Field(required=True),
        "queue": Field(),
        "caller_id_name": Field(),
    }
    body = checked(request.body, fields)
    leg = calls.incoming(simulator.world, body["from"], body["to"], body["caller_id_name"])
    leg.commanded = True
    if body["queue"]:
        calls.enqueue_at_once(simulator.world, leg, body["queue"])
    return Reply(200, _names(leg))


def _names(leg: Leg) -> dict[str, object]:
    return {
        "call_control_id": leg.call_control_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
    }


def move_leg(simulator: Simulator, request: Request) -> Reply:
    """What the far party does: hangup, talk, key, and for a ringing one one of DOES."""
    body = checked(request.body, {"do": Field(required=True, choices=LEG_DOES), "digits": Field("digits")})
    leg = live_leg(simulator.world, request.names.get("id", ""))
    done = True
    if body["do"] == "talk":
        done = conferences.take_floor(simulator.world, leg)
    elif body["do"] == "key":
        gather.press(simulator.world, leg, body["digits"] or "")
    else:
        calls.far_party_does(simulator.world, leg, body["do"])
    return Reply(200, {"done": done})


def show_leg(simulator: Simulator, request: Request) -> Reply:
    """What the far party is in, hears on hold (as the webhooks name media), and was sent as tones."""
    leg = any_leg(simulator.world, request.names.get("id", ""))
    participant, place = leg.participant, leg.place
    shown = {
        "state": leg.state,
        "conference_id": participant.conference.id if participant else None,
        "queue": place.queue.name if place else None,
        "bridged_with": leg.bridged_with.call_control_id if leg.bridged_with else None,
        "music": participant.music if participant else None,
        "asked_for_digits": leg.gather is not None,
        "tones": leg.tones,
    }
    return Reply(200, _names(leg) | shown)


def set_phone(simulator: Simulator, request: Request) -> Reply:
    """How a number that is dialled behaves from now on."""
    fields = {
        "to": Field(required=True),
        "behaviour": Field(required=True, choices=DOES),
        "after": Field("number", low=0),
    }
    body = checked(request.body, fields)
    after = None if body["after"] is None else float(body["after"])
    simulator.world.phones[body["to"]] = Behaviour(body["behaviour"], after)
    return nothing()


def show_agents(simulator: Simulator, request: Request) -> Reply:
    return Reply(200, {"agents": simulator.traffic.cast()})


def show_hearing(simulator: Simulator, request: Request) -> Reply:
    """Every change of who hears whom, from the start; `forgotten`: how many of the oldest are not kept."""
    world = simulator.world
    return Reply(200, {"changes": world.hearing, "forgotten": world.hearing_forgotten})


HANDLERS: dict[tuple[str, str], Callable[[Simulator, Request], Reply]] = {
    ("GET", "truth"): show_truth,
    ("GET", "visits"): show_visits,
    ("GET", "requests"): show_requests,
    ("DELETE", "requests"): clear_requests,
    ("POST", "faults"): add_fault,
    ("DELETE", "faults"): clear_faults,
    ("GET", "traffic"): show_traffic,
    ("POST", "traffic"): set_traffic,
    ("POST", "calls"): place_call,
    ("GET", "legs"): show_leg,
    ("POST", "legs"): move_leg,
    ("POST", "links"): set_links,
    ("POST", "limit"): set_limit,
    ("POST", "recordings"): plant_recording,
    ("POST", "phones"): set_phone,
    ("GET", "agents"): show_agents,
    ("GET", "hearing"): show_hearing,
}
