"""`/_simulator/recordings/…`: the files behind the signed links, with range requests."""

from __future__ import annotations

import hmac
import re

from simulator import recordings, sound_files
from simulator.messages import Reply, Request
from simulator.sending import Send, send_reply, start
from simulator.state import Recording, World

TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg"}


async def send_file(world: World, request: Request, send: Send) -> None:
    """200, or 206 for one range; 403 for an expired or forged link; 404 for a recording that was deleted."""
    recording = _named(world, request)
    if not _allowed(world, request):
        await send_reply(send, Reply(403, {"error": "AccessDenied", "message": "Request has expired"}))
    elif recording is None:
        await send_reply(send, Reply(404, {"error": "NoSuchKey"}))
    else:
        await _send_range(recording, request, send)


def _named(world: World, request: Request) -> Recording | None:
    name, _, form = request.path.rsplit("/", 1)[-1].partition(".")
    recording = world.recordings.get(name)
    return recording if recording and recording.format == form and recording.ended_at else None


def _allowed(world: World, request: Request) -> bool:
    expires = request.query.get("expires", "")
    if not expires.isdigit() or int(expires) < world.clock.now():
        return False
    expected = recordings.signature(request.path, int(expires))
    return hmac.compare_digest(expected, request.query.get("signature", ""))


async def _send_range(recording: Recording, request: Request, send: Send) -> None:
    size = sound_files.size(recording)
    wanted = _range(request.headers.get("range", ""), size)
    if wanted is None:
        await send_reply(send, Reply(416, None, {"content-range": f"bytes */{size}"}))
        return
    first, last = wanted
    headers = {
        "content-type": TYPES[recording.format],
        "content-length": str(last - first + 1),
        "accept-ranges": "bytes",
    }
    partial = "range" in request.headers
    if partial:
        headers["content-range"] = f"bytes {first}-{last}/{size}"
    await start(send, 206 if partial else 200, headers)
    if request.method != "HEAD":
        for piece in sound_files.pieces(recording, first, last):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte; all of them without the header; None when it cannot be satisfied."""
    if not header:
        return 0, size - 1
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    low, high = match.groups()
    if not low:
        return max(size - int(high), 0), size - 1
    last = min(int(high), size - 1) if high else size - 1
    return (int(low), last) if int(low) <= last else None
