"""`/_simulator/recordings/…`: the files behind the signed links, with range requests."""

from __future__ import annotations

import hmac
import re
from urllib.parse import unquote

from simulator import recordings, sound_files
from simulator.messages import Reply, Request
from simulator.sending import Send, send_reply, start
from simulator.state import Recording, World

Part = tuple[int, int]
UNSATISFIABLE: Part = (-1, -1)
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
    parts = request.path.removeprefix("/_simulator/recordings/").split("/")
    recording = world.recordings.get(parts[0])
    if recording is None or recording.ended_at is None or len(parts) != 2:
        return None
    return recording if unquote(parts[1]) == recordings.file_name(recording) else None


def _allowed(world: World, request: Request) -> bool:
    expires = request.query.get("expires", "")
    if not expires.isdigit() or int(expires) < world.clock.now() * 1_000:
        return False
    expected = recordings.signature(request.path, int(expires))
    return hmac.compare_digest(expected, request.query.get("signature", ""))


async def _send_range(recording: Recording, request: Request, send: Send) -> None:
    size = sound_files.size(recording)
    part = _part(request, recording, size)
    if part == UNSATISFIABLE:
        await send_reply(send, Reply(416, None, {"content-range": f"bytes */{size}"}))
        return
    first, last = part or (0, size - 1)
    headers = {
        "content-type": TYPES[recording.format],
        "content-length": str(last - first + 1),
        "accept-ranges": "bytes",
        "etag": f'"{recording.id}"',
    }
    if part:
        headers["content-range"] = f"bytes {first}-{last}/{size}"
    await start(send, 206 if part else 200, headers)
    if request.method != "HEAD":
        for piece in sound_files.pieces(recording, first, last):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _part(request: Request, recording: Recording, size: int) -> Part | None:
    """The one range that is asked for; None, for all of it, when there is none that can be understood."""
    if request.headers.get("if-range", f'"{recording.id}"') != f'"{recording.id}"':
        return None
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", "").strip())
    low, high = match.groups() if match else ("", "")
    if not low and not high:
        return None
    if not low:
        return (max(size - int(high), 0), size - 1) if int(high) else UNSATISFIABLE
    if high and int(high) < int(low):
        return None
    return (int(low), min(int(high or size), size - 1)) if int(low) < size else UNSATISFIABLE
