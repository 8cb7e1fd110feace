"""The addresses under /v2/call_control_applications: what the account's calls are connected to."""

from __future__ import annotations

from simulator import errors
from simulator.fields import FLAG, OBJECT, Field, checked, every, one_of
from simulator.filters import check_shared
from simulator.messages import Reply, Request, page, single
from simulator.state import Json, Settings, World, iso

SITES = (
    "Latency",
    "Chicago, IL",
    "Ashburn, VA",
    "San Jose, CA",
    "London, UK",
    "Chennai, IN",
    "Amsterdam, Netherlands",
    "Toronto, Canada",
    "Sydney, Australia",
)
INBOUND = {
    "channel_limit": Field("integer", low=0),
    "shaken_stir_enabled": FLAG,
    "sip_subdomain": Field(),
    "sip_subdomain_receive_settings": Field(choices=("only_my_connections", "from_anyone")),
}
OUTBOUND = {"channel_limit": Field("integer", low=0), "outbound_voice_profile_id": Field()}
APPLICATION = {
    "application_name": Field(required=True),
    "webhook_event_url": Field("url", required=True),
    "webhook_event_failover_url": Field("url"),
    "webhook_api_version": Field(choices=("1", "2")),
    "webhook_timeout_secs": Field("integer", low=0, high=30),
    "anchorsite_override": Field(choices=SITES),
    "dtmf_type": Field(choices=("RFC 2833", "Inband", "SIP INFO")),
    "first_command_timeout_secs": Field("integer", low=0),
    "tags": Field("ids"),
    **every(FLAG, "active", "call_cost_in_webhooks", "first_command_timeout", "redact_dtmf_debug_logging"),
    **every(OBJECT, "inbound", "outbound"),
}
# What an application is made with when nothing is said: version 1 is Telnyx's own default.
DEFAULTS: Json = {
    "record_type": "call_control_application",
    "active": True,
    "anchorsite_override": "Latency",
    "call_cost_in_webhooks": False,
    "dtmf_type": "RFC 2833",
    "first_command_timeout": False,
    "first_command_timeout_secs": 30,
    "redact_dtmf_debug_logging": False,
    "tags": [],
    "webhook_api_version": "1",
    "webhook_event_failover_url": None,
    "webhook_timeout_secs": None,
}
SINCE = "2026-01-05T08:00:00.000Z"
SORTS = ("created_at", "connection_name", "active", "-created_at", "-connection_name", "-active")


def open_account(settings: Settings) -> Json:
    """The application that this call centre's calls belong to."""
    return DEFAULTS | {
        "id": settings.connection_id,
        "application_name": "call-centre",
        "created_at": SINCE,
        "updated_at": SINCE,
        "inbound": {"channel_limit": 200, "shaken_stir_enabled": False},
        "outbound": {"channel_limit": 200, "outbound_voice_profile_id": "1293384261075731499"},
        "webhook_api_version": "2",
        "webhook_event_url": settings.webhook_url,
        "webhook_timeout_secs": 2,
    }


def list_all(world: World, request: Request) -> Reply:
    """`filter[application_name][contains]` (any case), `filter[outbound.…]`, `sort`."""
    check_shared(request)
    name = request.query.get("filter[application_name][contains]", "").lower()
    profile = request.query.get("filter[outbound.outbound_voice_profile_id]")
    found = [
        one
        for one in world.applications.values()
        if name in one["application_name"].lower()
        and profile in (None, one["outbound"].get("outbound_voice_profile_id"))
    ]
    return page(request, _sorted(found, one_of(request.query, "sort", SORTS)), lambda one: one)


def _sorted(found: list[Json], order: str | None) -> list[Json]:
    """Newest first when nothing is asked for; else ascending, or descending after a minus sign."""
    word = (order or "-created_at").removeprefix("-")
    key = "application_name" if word == "connection_name" else word
    return sorted(found, key=lambda one: str(one[key]), reverse=(order or "-").startswith("-"))


def create(world: World, request: Request) -> Reply:
    body = _checked(request)
    now = iso(world.stamp())
    application = DEFAULTS | {"inbound": {}, "outbound": {}, "created_at": now, "updated_at": now} | body
    application["id"] = str(world.stamp())
    world.applications[application["id"]] = application
    return Reply(201, {"data": application})


def retrieve(world: World, request: Request) -> Reply:
    return single(_find(world, request))


def update(world: World, request: Request) -> Reply:
    """Takes effect with the next webhook; its version and its failover address are shown, but not used."""
    application = _find(world, request)
    application |= _checked(request) | {"updated_at": iso(world.stamp())}
    if application["id"] == world.settings.connection_id and request.body.get("webhook_timeout_secs"):
        world.webhooks.timeout = float(application["webhook_timeout_secs"])
    return single(application)


def delete(world: World, request: Request) -> Reply:
    return single(world.applications.pop(_find(world, request)["id"]))


def _checked(request: Request) -> Json:
    body = checked(request.body, APPLICATION)
    for name, fields in (("inbound", INBOUND), ("outbound", OUTBOUND)):
        if body[name] is not None:
            given = checked(body[name], fields, name)
            body[name] = {key: value for key, value in given.items() if value is not None}
    return {name: value for name, value in body.items() if value is not None}


def _find(world: World, request: Request) -> Json:
    application = world.applications.get(request.names["id"])
    if application is None:
        raise errors.not_found()
    return application
