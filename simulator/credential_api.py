"""The addresses under /v2/telephony_credentials: what a browser needs to be a phone."""

from __future__ import annotations

import secrets

from simulator import errors
from simulator.fields import TEXT, Field, checked, every
from simulator.filters import parse_time
from simulator.messages import Reply, Request, page, single
from simulator.state import Json, World, iso, new_id

CREATE = {
    "connection_id": Field(required=True),
    "name": Field(),
    "tag": Field(),
    "expires_at": Field(),
}


def list_credentials(world: World, request: Request) -> Reply:
    """Fifty to a page. Filters: tag, name, status, resource_id, sip_username."""
    found = [one for one in world.credentials.values() if _fits(world, one, request)]
    return page(request, found, lambda one: _shown(world, one), size=50)


def _fits(world: World, credential: Json, request: Request) -> bool:
    has = credential | {"status": "expired" if _shown(world, credential)["expired"] else "active"}
    names = ("tag", "name", "status", "resource_id", "sip_username")
    return all(request.query.get(f"filter[{name}]") in (None, has[name]) for name in names)


def _shown(world: World, credential: Json) -> Json:
    """Without its tag, by which it is only found."""
    shown = {key: value for key, value in credential.items() if key != "tag"}
    return shown | {"expired": parse_time(credential["expires_at"]) <= world.clock.now()}


def create(world: World, request: Request) -> Reply:
    body = checked(request.body, CREATE)
    now = iso(world.stamp())
    credential: Json = {
        "id": new_id(),
        "record_type": "credential",
        "name": body["name"] or "",
        "tag": body["tag"] or "",
        "resource_id": f"connection:{body['connection_id']}",
        "sip_username": "gencred" + secrets.token_hex(12),
        "sip_password": secrets.token_hex(16),
        "expires_at": _time(body["expires_at"]) or "2099-01-01T00:00:00.000Z",
        "created_at": now,
        "updated_at": now,
        "user_id": "simulator",
    }
    world.credentials[credential["id"]] = credential
    return Reply(201, {"data": _shown(world, credential)})


def _time(text: str | None) -> str | None:
    """As it came, if it is a time at all."""
    return text if text is None or parse_time(text) else None


def retrieve(world: World, request: Request) -> Reply:
    return single(_shown(world, _find(world, request)))


def update(world: World, request: Request) -> Reply:
    credential = _find(world, request)
    body = checked(request.body, every(TEXT, "connection_id", "name", "tag", "expires_at"))
    if (connection_id := body.pop("connection_id")) is not None:
        credential["resource_id"] = f"connection:{connection_id}"
    _time(body["expires_at"])
    credential |= {name: value for name, value in body.items() if value is not None}
    credential["updated_at"] = iso(world.stamp())
    return single(_shown(world, credential))


def delete(world: World, request: Request) -> Reply:
    credential = world.credentials.pop(_find(world, request)["id"])
    return single(_shown(world, credential))


def make_token(world: World, request: Request) -> Reply:
    """Telnyx answers a bare token, not JSON. This one opens nothing: there is no voice in this world."""
    _find(world, request)
    token = ".".join(secrets.token_urlsafe(size) for size in (27, 60, 32))
    return Reply(201, token, {"content-type": "text/plain; charset=utf-8"})


def _find(world: World, request: Request) -> Json:
    credential: Json | None = world.credentials.get(request.names["id"])
    if credential is None:
        raise errors.not_found()
    return credential
