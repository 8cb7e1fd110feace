"""Audio files: at an address, or stored under a name (`/v2/media`).

This Telnyx fetches nothing. Addresses under `.invalid` (a domain that never exists) cannot be downloaded, a
file that is called `missing` is not found, everything else can be played. A few are stored from the start.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from simulator import errors
from simulator.fields import Field, checked, exclusive
from simulator.messages import Reply, Request, nothing, page, single
from simulator.state import Json, Stamp, World, iso

STORED = (
    "announcement",
    "greeting",
    "hold-music",
    "hold-notice",
    "invalid-input",
    "music",
    "notice",
    "prompt",
    # The name in the examples of Telnyx's document.
    "my_media_uploaded_to_media_storage_api",
)
TWO_DAYS, TWENTY_YEARS = 2 * 86400, 630720000
UPLOAD = {
    "media_url": Field("url", required=True),
    "media_name": Field(),
    "ttl_secs": Field("integer", low=1, high=TWENTY_YEARS, default=TWO_DAYS),
}


def chosen(world: World, body: Json, url: str = "audio_url", name: str = "media_name") -> Json | None:
    """The one of two parameters that is given, as the webhooks name it; raises for audio that cannot play."""
    exclusive(body, url, name)
    if body.get(url):
        check_address(body[url])
        return {"media_url": body[url]}
    if body.get(name):
        if _stored(world, body[name]) is None:
            raise errors.no_such_audio(name)
        return {"media_name": body[name]}
    return None


def needed(world: World, body: Json) -> Json:
    found = chosen(world, body)
    if found is None:
        raise errors.missing("audio_url")
    return found


def check_address(address: str) -> None:
    parts = urlsplit(address)
    if (parts.hostname or "").endswith(".invalid"):
        raise errors.audio_not_downloaded()
    if parts.path.rpartition("/")[2].partition(".")[0] == "missing":
        raise errors.no_such_audio("audio_url")


def store(world: World, name: str, seconds: float = TWENTY_YEARS) -> Json:
    # Not a stamp: those are for events, of which each has a time of its own.
    now = int(world.clock.now() * 1_000_000)
    kept = world.media.get(name, {"created_at": iso(now)})
    world.media[name] = kept | {
        "media_name": name,
        "content_type": "audio/wav" if name.endswith(".wav") else "audio/mpeg",
        "updated_at": iso(now),
        "expires_at": iso(_later(now, seconds)),
    }
    return world.media[name]


def _later(now: Stamp, seconds: float) -> Stamp:
    return now + int(seconds * 1_000_000)


def _stored(world: World, name: str) -> Json | None:
    found = world.media.get(name)
    now = int(world.clock.now() * 1_000_000)
    return found if found and found["expires_at"] > iso(now) else None


def list_all(world: World, request: Request) -> Reply:
    names = sorted(name for name in world.media if _stored(world, name))
    return page(request, names, lambda name: world.media[name])


def upload(world: World, request: Request) -> Reply:
    body = checked(request.body, UPLOAD)
    check_address(body["media_url"])
    name = body["media_name"] or urlsplit(body["media_url"]).path.rpartition("/")[2]
    return single(store(world, name, body["ttl_secs"]))


def retrieve(world: World, request: Request) -> Reply:
    return single(_named(world, request))


def delete(world: World, request: Request) -> Reply:
    del world.media[_named(world, request)["media_name"]]
    return nothing()


def _named(world: World, request: Request) -> Json:
    found = _stored(world, request.names["media_name"])
    if found is None:
        raise errors.not_found()
    return found
