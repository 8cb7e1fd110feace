"""The addresses under /v2/telephony_credentials: what a browser needs to be a phone."""

from __future__ import annotations

import secrets

from simulator import errors
from simulator.fields import Field, checked
from simulator.messages import Reply, Request, page, single
from simulator.state import Json, World, iso, new_id

CREATE = {
    "connection_id": Field(required=True),
    "name": Field(),
    "tag": Field(),
    "expires_at": Field(),
}


def list_credentials(world: World, request: Request) -> Reply:
    return page(request, list(world.credentials.values()), lambda one: one)


def create(world: World, request: Request) -> Reply:
    body = checked(request.body, CREATE)
    now = iso(world.stamp())
    credential: Json = {
        "id": new_id(),
        "record_type": "credential",
        "name": body["name"] or "",
        "resource_id": f"connection:{body['connection_id']}",
        "sip_username": "gencred" + secrets.token_hex(12),
        "sip_password": secrets.token_hex(16),
        "expired": False,
        "expires_at": body["expires_at"] or "2099-01-01T00:00:00.000Z",
        "created_at": now,
        "updated_at": now,
        "user_id": "simulator",
    }
    world.credentials[credential["id"]] = credential
    return Reply(201, {"data": credential})


def retrieve(world: World, request: Request) -> Reply:
    return single(_find(world, request))


def update(world: World, request: Request) -> Reply:
    credential = _find(world, request)
    body = checked(request.body, {name: Field() for name in ("name", "expires_at")})
    credential.update({name: value for name, value in body.items() if value is not None})
    return single(credential)


def delete(world: World, request: Request) -> Reply:
    return single(world.credentials.pop(_find(world, request)["id"]))


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
