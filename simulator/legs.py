"""Finding the leg that a command names, and refusing as Telnyx does when it cannot obey."""

from __future__ import annotations

from simulator import errors
from simulator.state import Leg, World


def any_leg(world: World, ccid: str, name: str = "call_control_id") -> Leg:
    leg = world.legs.get(ccid)
    if leg is None:
        raise errors.bad_call_control_id(name)
    return leg


def live_leg(world: World, ccid: str, name: str = "call_control_id") -> Leg:
    leg = any_leg(world, ccid, name)
    if leg.ended:
        raise errors.call_ended()
    return leg


def answered_leg(world: World, ccid: str, name: str = "call_control_id") -> Leg:
    leg = live_leg(world, ccid, name)
    if leg.state != "answered":
        raise errors.call_not_answered()
    return leg
