"""The filters of lists: those that several lists share, and spans of time."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from simulator import errors
from simulator.fields import Field, checked, flag
from simulator.messages import Request

SHARED = {
    "filter[application_session_id]": Field("uuid"),
    "filter[leg_id]": Field("uuid"),
    "filter[product]": Field(choices=("call_control", "fax", "texml")),
    "filter[status]": Field(choices=("init", "in_progress", "completed")),
    "filter[type]": Field(choices=("command", "webhook")),
}


def check_shared(request: Request) -> None:
    """Telnyx's document gives these to conferences, call events and applications alike."""
    checked(request.query, SHARED)
    flag(request.query, "filter[failed]")


def within(request: Request, name: str, moment: float) -> bool:
    """Whether `moment` (seconds since 1970) lies in filter[name][gte], [gt], [lte], [lt] and [eq]."""
    edges = {
        edge: parse_time(text)
        for edge in ("gte", "gt", "lte", "lt", "eq")
        if (text := request.query.get(f"filter[{name}][{edge}]")) is not None
    }
    return (
        moment >= edges.get("gte", moment)
        and moment <= edges.get("lte", moment)
        and moment == edges.get("eq", moment)
        and ("gt" not in edges or moment > edges["gt"])
        and ("lt" not in edges or moment < edges["lt"])
    )


@lru_cache(maxsize=1024)
def parse_time(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise errors.invalid("filter", "The time must be in ISO 8601 format.") from fault
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
