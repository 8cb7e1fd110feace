"""Posts a script of webhooks to any address, each at its time: what `make bench` does, for another product.

    python -m bench.script --count 400 --rate 20 > day.jsonl
    python -m bench.post http://127.0.0.1:8000/webhooks/telnyx day.jsonl --key KEY > posted.jsonl

KEY is base64 of an Ed25519 key's seed, whose public half the receiver takes for Telnyx's. Prints one line of
JSON for each webhook: {"due" (epoch seconds), "status" (0: no answer), "ms" until the answer, "event_type",
"body"}. A delivery counts from the moment it was due, however late the one before was answered.

To this machine unless `--elsewhere` says that the other one's owner has agreed; never more than 50/s there.
"""

import argparse
import asyncio
import base64
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import httpx
from nacl.signing import SigningKey

from bench.posting import NotHere, address
from bench.script import body

ELSEWHERE_MOST = 50  # webhooks a second
ANSWER_WITHIN = 30.0


@dataclass(frozen=True)
class Due:
    """One webhook of a script, `after` seconds from the first."""

    after: float
    event_type: str
    payload: dict[str, Any]


def read_script(text: str) -> list[Due]:
    """One JSON object a line, as `bench.script` writes them. Raises ValueError and KeyError."""
    lines = (json.loads(line) for line in text.splitlines() if line.strip())
    found = [Due(float(line["after"]), str(line["event_type"]), line["payload"]) for line in lines]
    return sorted(found, key=lambda due: due.after)


def check(url: str, script: Sequence[Due], elsewhere: bool) -> None:
    """Raises NotHere for an address that may not be posted to like this."""
    try:
        address(url)
    except NotHere:
        if not elsewhere:
            raise NotHere(f"{url} is not on this machine: with its owner's consent, --elsewhere") from None
        # In each second, not on average: a script must not be a burst with a quiet end.
        pairs = zip(script, script[ELSEWHERE_MOST:], strict=False)
        if any(later.after - earlier.after < 1 for earlier, later in pairs):
            raise NotHere(f"more than {ELSEWHERE_MOST} webhooks in a second for another machine") from None


async def post(url: str, script: Sequence[Due], key: SigningKey, out: TextIO) -> None:
    """All of them, each at its time; what was answered goes to `out` as it comes."""
    started = time.time()
    async with httpx.AsyncClient(timeout=ANSWER_WITHIN) as client, asyncio.TaskGroup() as posting:
        for one in script:
            due = started + one.after
            await asyncio.sleep(max(0.0, due - time.time()))
            posting.create_task(_deliver(client, url, one, due, key, out))


async def _deliver(
    client: httpx.AsyncClient, url: str, one: Due, due: float, key: SigningKey, out: TextIO
) -> None:
    sent = body(one.event_type, one.payload, datetime.now(UTC))
    try:
        status = (await client.post(url, content=sent, headers=_headers(sent, key))).status_code
    except httpx.HTTPError:
        status = 0
    took = round(1000 * (time.time() - due), 1)
    line = {"due": due, "status": status, "ms": took, "event_type": one.event_type, "body": sent.decode()}
    out.write(json.dumps(line) + "\n")
    out.flush()


def _headers(sent: bytes, key: SigningKey) -> dict[str, str]:
    at = str(int(time.time()))
    signature = key.sign(at.encode() + b"|" + sent).signature
    return {
        "content-type": "application/json",
        "user-agent": "telnyx-webhooks",
        "telnyx-timestamp": at,
        "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
    }


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m bench.post", description="Posts a script of webhooks.")
    reader.add_argument("url", help="where to")
    reader.add_argument("script", type=Path, help="a file of bench.script")
    reader.add_argument("--key", required=True, help="base64 of the 32 bytes of the signing key's seed")
    reader.add_argument("--elsewhere", action="store_true", help="another machine, whose owner has agreed")
    asked = reader.parse_args()
    script = read_script(asked.script.read_text())
    try:
        check(asked.url, script, asked.elsewhere)
    except NotHere as problem:
        sys.exit(str(problem))
    asyncio.run(post(asked.url, script, SigningKey(base64.b64decode(asked.key)), sys.stdout))


if __name__ == "__main__":
    main()
