"""The script of webhooks that everything is measured with: calls that queue, confer and end.

    python -m bench.script --count 1000 --rate 20 > day.jsonl

As Telnyx posts them, about 1 kB each; always the same but for the run's name and the time of day. It knows
nothing of Earshot, so that any product which takes Telnyx's webhooks can be measured by it: the command
writes it for `bench.post`, a line for each, {"after" (seconds from the first), "event_type", "payload"}.
"""

import argparse
import base64
import itertools
import json
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from nacl.signing import SigningKey

Line = tuple[str, dict[str, Any]]  # event type, payload
CONNECTION_ID = "1494404757140276705"
QUEUES = ("Sales", "Claims", "Support")


def call(run: str, number: int) -> Iterator[Line]:
    """One caller from ringing to the end: 14 webhooks."""
    caller, agent, where = f"v3:{run}-{number}-caller", f"v3:{run}-{number}-agent", f"{run}-{number}"
    phone, queue = f"+1617555{number % 10_000:04d}", QUEUES[number % len(QUEUES)]
    incoming = {"direction": "incoming", "from": phone, "to": "+13125550100", "state": "parked"}
    yield "call.initiated", _leg(caller, **incoming)
    yield "call.answered", _leg(caller, **incoming)
    yield "call.enqueued", _leg(caller, queue=queue, current_position=1, queue_avg_wait_time_secs=12)
    yield "call.dequeued", _leg(caller, queue=queue, reason="bridged", wait_time_secs=7)
    yield "conference.created", _leg(caller, conference_id=where)
    yield "conference.participant.joined", _leg(caller, conference_id=where)
    yield "conference.participant.joined", _leg(agent, conference_id=where)
    yield from itertools.islice(talk(run, number), 2)
    yield "conference.participant.left", _leg(caller, conference_id=where)
    yield "conference.participant.left", _leg(agent, conference_id=where)
    yield "conference.ended", {"conference_id": where, "connection_id": CONNECTION_ID, "reason": "all_left"}
    yield "call.hangup", _leg(caller, hangup_cause="normal_clearing", hangup_source="caller")
    yield "call.hangup", _leg(agent, hangup_cause="normal_clearing", hangup_source="callee")


def opening(run: str, number: int) -> list[Line]:
    """The same call until both are in the conference."""
    return list(itertools.islice(call(run, number), 7))


def talk(run: str, number: int) -> Iterator[Line]:
    """The floor of that conference goes to and fro, for ever."""
    for who in itertools.cycle(("agent", "caller")):
        yield "conference.floor.changed", _leg(f"v3:{run}-{number}-{who}", conference_id=f"{run}-{number}")


def day(run: str, live: int) -> Iterator[Line]:
    """Calls for ever, `live` of them going on at once, a step of each in turn."""
    numbers = itertools.count()
    going = [call(run, next(numbers)) for _ in range(live)]
    for number, one in enumerate(going):  # they are not all at the same step
        list(itertools.islice(one, number % 14))
    while True:
        for place in range(live):
            line = next(going[place], None)
            if line is None:
                going[place] = call(run, next(numbers))
                line = next(going[place])
            yield line


def _leg(leg: str, **payload: Any) -> dict[str, Any]:
    return {
        "call_control_id": leg,
        "call_leg_id": str(uuid.uuid5(uuid.NAMESPACE_URL, leg)),
        "call_session_id": str(uuid.uuid5(uuid.NAMESPACE_URL, leg.rpartition("-")[0])),
        "connection_id": CONNECTION_ID,
        "client_state": "b3BlbmVkLWJ5LXRoZS1jYWxsLWNlbnRyZQ==",
        "calling_party_type": "pstn",
        "custom_headers": [{"name": "X-Account", "value": "00412-8831-7"}],
        "shaken_stir_attestation": "A",
        "shaken_stir_validated": True,
        "tags": ["inbound", "call-centre"],
    } | payload


def bodies(lines: Iterator[Line], count: int) -> list[bytes]:
    """The deliveries of the first `count` lines; each occurred 1 ms after the one before."""
    now = datetime.now(UTC)
    chosen = enumerate(itertools.islice(lines, count))
    return [body(kind, payload, now + timedelta(milliseconds=step)) for step, (kind, payload) in chosen]


def body(kind: str, payload: dict[str, Any], at: datetime) -> bytes:
    data = {
        "event_type": kind,
        "id": str(uuid.uuid4()),
        "occurred_at": at.isoformat().replace("+00:00", "Z"),
        "payload": payload,
        "record_type": "event",
    }
    meta = {"attempt": 1, "delivered_to": "https://earshot.example/webhooks/telnyx"}
    return json.dumps({"data": data, "meta": meta}).encode()


def request(url: str, body: bytes, key: SigningKey) -> bytes:
    """The whole HTTP request of one delivery, signed now; Telnyx's signature is good for 300 s."""
    at = b"%d" % time.time()
    signature = base64.b64encode(key.sign(at + b"|" + body).signature)
    place = urlsplit(url)
    return (
        b"POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: telnyx-webhooks\r\nContent-Type: application/json\r\n"
        b"telnyx-timestamp: %s\r\ntelnyx-signature-ed25519: %s\r\nContent-Length: %d\r\n\r\n%s"
    ) % ((place.path or "/").encode(), place.netloc.encode(), at, signature, len(body), body)


def main() -> None:
    reader = argparse.ArgumentParser(
        prog="python -m bench.script", description="Writes a script of webhooks."
    )
    reader.add_argument("--count", type=int, default=1000, help="webhooks (1000)")
    reader.add_argument("--live", type=int, default=40, help="calls that go on at once (40)")
    reader.add_argument("--rate", type=float, default=20.0, help="webhooks a second (20)")
    reader.add_argument("--run", default="bench", help="what ids of calls begin with")
    asked = reader.parse_args()
    for number, (kind, payload) in enumerate(itertools.islice(day(asked.run, asked.live), asked.count)):
        line = {"after": round(number / asked.rate, 4), "event_type": kind, "payload": payload}
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
