"""Deliveries as no telephony company ever sent them, each with the answer that the door owes it.

Drawn from a seed, for ever. A signed one is Telnyx's however odd it is, and must be kept; what is not signed,
or has not the form of a delivery, must leave nothing behind.
"""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from nacl.signing import SigningKey

from telephony.events import identity
from tests.support.events import WEBHOOK_PATH
from tests.support.signing import sign
from tests.support.stories import STORIES
from tests.support.story import source_of

STRANGER = SigningKey(b"a key that nobody gave Earshot..")
BASES = [body for story in STORIES.values() for body in story if source_of(body) == "webhook"]
CONFERENCES, LEGS, QUEUES = 40, 200, 8
KEPT, REFUSED = frozenset({200}), frozenset({403})
NASTY: list[Any] = [
    *(None, True, False, 0, -1, 1.5, "", " ", "null", [], {}, [None], [[]], {"": None}, [{}] * 3),
    *(2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, float("inf"), float("nan"), -0.0),
    *("\x00", "a\x00b", "\ud800", "\udfff\ud800", "\U0001f4de", "\u202e", "\ufeff", "\ufffe", "\x7f\x1b[2J"),
    *("x" * 101, "x" * 256, "x" * 5000, "é" * 255, "<script>alert(1)</script>", "{{ 7*7 }}", "'; --", "%s%n"),
    *(
        "../../etc",
        "a/b?c#d",
        "conference:x",
        "queue:",
        "|",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9Z",
    ),
    *(
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "10000-01-01T00:00:00Z",
        "2026-11-23",
        "12:00",
    ),
    *("2026-11-23T25:00:00Z", "2026-W48-1", "1700000000", "2026-11-23T12:00:00.123456789Z", 1700000000),
]
EVENT_TYPES = [
    *(
        "call.enqueued",
        "call.dequeued",
        "call.hangup",
        "call.initiated",
        "call.bridged",
        "call.recording.saved",
    ),
    *("conference.created", "conference.ended", "conference.floor.changed", "conference.recording.saved"),
    *("conference.participant.joined", "conference.participant.left", "conference.playback.started"),
    *(
        "conference.participant.speak.ended",
        "conference.participant.playback.started",
        "conference.unheard.of",
    ),
    *("read.conference", "read.queue", "reply.mute", "reply.record", "reply.hold", "", "CALL.HANGUP", "call"),
]
FIELDS = [
    *(
        "conference_id",
        "call_control_id",
        "queue",
        "joined",
        "left",
        "muted",
        "conference",
        "ended",
        "callers",
    ),
    *(
        "reason",
        "wait_time_secs",
        "recording_id",
        "recording_ended_at",
        "media_name",
        "media_url",
        "from",
        "to",
    ),
    *(
        "legs",
        "kept",
        "settings",
        "direction",
        "client_state",
        "call_leg_id",
        "channels",
        "format",
        "payload",
    ),
]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it goes over the line. `keeps`: the event id that is in the inbox afterwards.

    `last`: the answer may end the connection, or has a form of its own.
    """

    whole: bytes
    answers: frozenset[int]
    keeps: str = ""
    last: bool = False


Json = dict[str, Any]


class Mutations:
    """An endless supply; the same seed gives the same, but for the time of day in the signatures."""

    def __init__(self, seed: int) -> None:
        self._chance, self._number = random.Random(seed), 0
        self._seen = [BASES[0]]

    def __iter__(self) -> Iterator[Delivery]:
        kinds: list[tuple[int, Callable[[], Delivery]]] = [
            *((40, self._structure), (14, self._bytes), (6, self._again), (10, self._plain)),
            *((16, self._unsigned), (4, self._headers), (4, self._content_type), (3, self._method)),
            *((1, self._framing), (1, self._other_place)),
        ]
        makers, weights = [maker for _, maker in kinds], [weight for weight, _ in kinds]
        while True:
            self._number += 1
            yield self._too_large() if self._number % 997 == 0 else self._chance.choices(makers, weights)[0]()

    # --- signed -----------------------------------------------------------------------------------------
    def _structure(self) -> Delivery:
        document = self._document()
        for _ in range(self._chance.choice((1, 1, 1, 2, 2, 3, 6))):
            self._change(document)
        return self._kept(self._text(document))

    def _bytes(self) -> Delivery:
        body = bytearray(self._text(self._document()))
        for _ in range(self._chance.randint(1, 4)):
            self._damage(body)
        return self._kept(bytes(body))

    def _again(self) -> Delivery:
        return self._kept(self._chance.choice(self._seen))

    def _plain(self) -> Delivery:
        return self._kept(self._text(self._document()))

    def _kept(self, body: bytes, **headers: str) -> Delivery:
        if self._chance.random() < 0.05:
            self._seen = [*self._seen[-50:], body]
        path = self._chance.choice((WEBHOOK_PATH, f"{WEBHOOK_PATH}/", f"{WEBHOOK_PATH}?again=%00"))
        return Delivery(_request(body, sign(body) | headers, path=path), KEPT, identity(body)[0])

    # --- not signed by Telnyx ---------------------------------------------------------------------------
    def _unsigned(self) -> Delivery:
        body = self._text(self._document())
        headers = sign(body)
        name = self._chance.choice(("telnyx-timestamp", "telnyx-signature-ed25519"))
        strange: list[Callable[[], dict[str, str]]] = [
            lambda: {key: text for key, text in headers.items() if key != name},
            lambda: (
                headers | {name: str(self._chance.choice(NASTY)).encode("ascii", "replace").decode()[:90]}
            ),
            lambda: headers | {name: headers[name][::-1][:-1] + "A"},
            lambda: sign(body, key=STRANGER),
            lambda: sign(body, at=self._chance.choice((0, 10**11, 10**6))),
            lambda: sign(body + b" "),
            lambda: sign(self._chance.choice(self._seen)[:-1]),
        ]
        chosen = self._chance.choice(strange)()
        chosen = {key: _one_line(text) for key, text in chosen.items()}
        return Delivery(_request(body, chosen), REFUSED)

    # --- not the form of a delivery ---------------------------------------------------------------------
    def _headers(self) -> Delivery:
        """Odd headers around what is signed change nothing."""
        more = {f"X-{self._chance.randint(0, 9)}": "y" * self._chance.choice((0, 1, 900)) for _ in range(8)}
        more |= self._chance.choice(
            (
                {"expect": ""},
                {"accept-encoding": "br;q=9"},
                {"x-forwarded-for": "\x01"},
                {"cookie": "a=b;;=;"},
            )
        )
        return self._kept(self._text(self._document()), **more)

    def _content_type(self) -> Delivery:
        body = self._text(self._document())
        good = (
            "application/json; charset=utf-8",
            "Application/JSON",
            "application/json;",
            " application/json ",
        )
        if self._chance.random() < 0.4:
            return self._kept(body, **{"content-type": self._chance.choice(good)})
        bad = (
            "text/plain",
            "",
            "application/jsonx",
            "multipart/form-data; boundary=x",
            "json",
            "*/*",
            "\x02",
        )
        headers = sign(body) | {"content-type": self._chance.choice(bad)}
        return Delivery(_request(body, headers), frozenset({415}))

    def _method(self) -> Delivery:
        body = self._text(self._document())
        method = self._chance.choice(("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "post", "FUZZ"))
        return Delivery(_request(body, sign(body), method=method), frozenset({405}))

    def _framing(self) -> Delivery:
        """Chunks are as good as a length; a broken frame ends the connection, with a refusal or without."""
        body = self._text(self._document())
        if self._chance.random() < 0.5:
            return Delivery(_request(body, sign(body), chunked=True), KEPT, identity(body)[0])
        broken = self._chance.choice(("-1", "1e3", "0x10", "9" * 30, "٣", ""))
        head = f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: {broken}\r\n\r\n".encode()
        return Delivery(head, frozenset({0, 400, 403, 411, 413, 415}), last=True)

    def _other_place(self) -> Delivery:
        body = self._text(self._document())
        path = self._chance.choice(
            (f"{WEBHOOK_PATH}/x", "/webhooks/%00", "/webhooks/telnyx%2fx", "//webhooks")
        )
        headers = sign(body) | {"connection": "close"}
        return Delivery(_request(body, headers, path=path), frozenset({400, 403, 404, 405}), last=True)

    def _too_large(self) -> Delivery:
        body = self._text(self._document()) + b" " * (256 * 1024)
        return Delivery(_request(body, sign(body)), frozenset({413}), last=True)

    # --- documents --------------------------------------------------------------------------------------
    def _document(self) -> Json:
        """A real event under an id of its own, about one of a few conferences, legs and queues."""
        document: Json = json.loads(self._chance.choice(BASES))
        data = document["data"]
        data["id"] = f"fuzz-{self._number}"
        payload = data["payload"]
        if "conference_id" in payload:
            payload["conference_id"] = f"conference {self._of(CONFERENCES, 50)}"
        if "call_control_id" in payload:
            payload["call_control_id"] = f"v3:{self._of(LEGS, 10)}"
        if "queue" in payload:
            payload["queue"] = f"queue {self._chance.randrange(QUEUES)}"
        return document

    def _of(self, many: int, each: int) -> int:
        """One of so many that live now; after so many deliveries the oldest goes and another comes."""
        return self._number // each + self._chance.randrange(many)

    def _change(self, document: Json) -> None:
        holder = self._holder(document)
        key = self._chance.choice([*holder]) if holder else "data"
        change = self._chance.randrange(9)
        if change < 4:
            holder[key] = self._nasty()
        elif change == 4:
            holder.pop(key, None)
        elif change == 5:
            holder[self._chance.choice(FIELDS)] = holder.get(key)
        elif change == 6:
            holder[key] = _deep(holder.get(key), self._chance.choice((1, 2, 50, 400, 5000)))
        elif change == 7:
            holder["event_type"] = self._chance.choice(EVENT_TYPES)
        else:
            holder[self._chance.choice(FIELDS)] = self._nasty()

    def _nasty(self) -> Any:
        """Of one's own, for it may be changed further."""
        return deepcopy(self._chance.choice(NASTY))

    def _holder(self, document: Json) -> Json:
        """Any of the objects inside."""
        found, inside = [document], [document]
        while inside:
            children = [child for child in inside.pop().values() if isinstance(child, dict)]
            found += children
            inside += children if len(found) < 20 else []
        return self._chance.choice(found)

    def _text(self, document: Json) -> bytes:
        escaped = self._chance.random() < 0.7
        try:
            text = json.dumps(document, ensure_ascii=escaped)
        except RecursionError:
            text = "[" * 50_000
        return text.encode("utf-8", "surrogatepass")

    def _damage(self, body: bytearray) -> None:
        at = self._chance.randrange(len(body) + 1)
        what = self._chance.randrange(5)
        if what == 0:
            body[at : at + 1] = bytes([self._chance.randrange(256)])
        elif what == 1:
            del body[at : at + self._chance.choice((1, 5, 100, 10_000))]
        elif what == 2:
            body[at:at] = self._chance.randbytes(self._chance.choice((1, 3, 40)))
        elif what == 3:
            body[at:at] = self._chance.choice(
                (b"\x00", b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"[" * 3000, b"1" * 5000)
            )
        else:
            body[at:at] = body[: self._chance.randrange(200)]


def _deep(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value] if depth % 2 else {"payload": value}
    return value


def _one_line(text: str) -> str:
    """A header cannot hold what would be another header."""
    return "".join(sign for sign in text if sign not in "\r\n\x00")


def _request(
    body: bytes,
    headers: dict[str, str],
    path: str = WEBHOOK_PATH,
    method: str = "POST",
    chunked: bool = False,
) -> bytes:
    lines = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}".encode("latin-1", "replace")
    if not chunked:
        return b"%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body)
    parts = [body[at : at + 100] for at in range(0, len(body), 100)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\n\r\n"
