"""Telnyx's webhooks: is one authentic, and what does it say? Pure; the only file that knows their form.

    read_keys   the public keys of the settings, or why one of them is none
    verify      the signature: Ed25519 over `<timestamp header>|<raw body>`, at most 300 s old
    parse       the envelope `{"data": {"event_type", "id", "occurred_at", "payload"}}`
    identity    id and type alone, also of what cannot be read
    encode      the same envelope for the events that we write ourselves (replies and reads)

Source: https://developers.telnyx.com/docs/voice/programmable-voice/receiving-webhooks
"""

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NoReturn, cast, get_args

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

Source = Literal["webhook", "reply", "read"]

TOLERANCE = 300.0  # seconds between the signed timestamp and our clock, either way
KEY_BYTES, SIGNATURE_BYTES = 32, 64
ID_LENGTH, TYPE_LENGTH, LEG_LENGTH = 200, 100, 255  # what the columns hold
_OURS = ("reply.", "read.")
_AGE = range(2000, 2200)  # years in which Telnyx may date an event
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
# What PostgreSQL's text refuses (NUL) or UTF-8 cannot hold (lone surrogates); JSON escapes can say both.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class BadKey(Exception):
    """A public key in the settings is none; the message says which one and why."""


class NotSigned(Exception):
    """Whoever sent this is not known to be Telnyx. `reason` is short and safe to log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreadable(Exception):
    """Authentic or our own, but not an event. `reason` is short and safe to log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the inbox. In `payload` nulls are left out, and every text can be stored."""

    id: str
    type: str
    at: datetime
    source: Source
    payload: Mapping[str, Any]


# --- authentic? --------------------------------------------------------------------------------------
def read_keys(texts: Sequence[str]) -> list[VerifyKey]:
    """The public keys as the Telnyx portal shows them (base64 of 32 bytes). Raises `BadKey`."""
    return [_read_key(number, text) for number, text in enumerate(texts, 1)]


def _read_key(number: int, text: str) -> VerifyKey:
    raw = _decode(text)
    if raw is None:
        raise BadKey(f"public key {number} is not base64")
    if len(raw) != KEY_BYTES:
        raise BadKey(f"public key {number} has {len(raw)} bytes instead of {KEY_BYTES}")
    return VerifyKey(raw)


def _decode(text: str) -> bytes | None:
    """Strict base64: no white space, no `-_`, the padding given."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def verify(body: bytes, headers: Mapping[str, str], keys: Sequence[VerifyKey], now: float) -> None:
    """Return if one of `keys` signed `body` within 300 s of `now` (epoch seconds); else raise `NotSigned`.

    Headers `telnyx-timestamp` (epoch seconds) and `telnyx-signature-ed25519` (base64), in any case. Two keys
    are valid at once while one replaces the other.
    """
    named = {name.lower(): value for name, value in headers.items()}
    timestamp = _timestamp(named.get("telnyx-timestamp"), now)
    signature = _signature(named.get("telnyx-signature-ed25519"))
    message = b"%s|%s" % (timestamp.encode(), body)
    if not any(_signed_by(key, message, signature) for key in keys):
        raise NotSigned("the signature fits no key")


def _timestamp(text: str | None, now: float) -> str:
    if text is None:
        raise NotSigned("no timestamp")
    # int() alone would take "+1", " 1", "1_0" and other alphabets' digits.
    if not _TIMESTAMP.fullmatch(text):
        raise NotSigned("the timestamp is no number")
    if abs(now - int(text)) > TOLERANCE:
        raise NotSigned("the timestamp is too far from our clock")
    return text


def _signature(text: str | None) -> bytes:
    if text is None:
        raise NotSigned("no signature")
    raw = _decode(text)
    if raw is None or len(raw) != SIGNATURE_BYTES:
        raise NotSigned("the signature is malformed")
    return raw


def _signed_by(key: VerifyKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(message, signature)
    except BadSignatureError:
        return False
    return True


# --- what does it say? -------------------------------------------------------------------------------
def parse(body: bytes, *, source: str, received_at: datetime) -> Event:
    """Read one event; raises `Unreadable` and nothing else.

    Telnyx sends most events inside `data`, `conference.floor.changed` perhaps not: both are read. The time
    is `data.occurred_at`, else `payload.occurred_at`, else `received_at` (aware); of a saved conference
    recording it is the recording's end. Unknown types and keys are kept. What only Earshot says (replies and
    reads, whose form the projections trust) is no webhook.
    """
    if source not in get_args(Source):
        raise Unreadable("the source is not known")
    data = _envelope(body)
    event_id, event_type = _identity(data)
    if source == "webhook" and event_type.startswith(_OURS):
        raise Unreadable("the type is one of our own")
    payload = data.get("payload", {})
    if not isinstance(payload, dict):
        raise Unreadable("the payload is not an object")
    _check_leg(payload.get("call_control_id"))
    times = (moment(value) for value in _times(event_type, data, payload))
    at = next((time for time in times if time), received_at)
    return Event(event_id, event_type, at, cast(Source, source), payload)


def _check_leg(named: Any) -> None:
    """Rows are named after call legs: what is no short text would fail in the database, again and again."""
    if named is not None and not (isinstance(named, str) and len(named) <= LEG_LENGTH):
        raise Unreadable("the call control id is malformed")


def identity(body: bytes) -> tuple[str, str]:
    """The event's id and type; of what cannot be read `("unreadable:<sha256 of the body>", "")`."""
    try:
        return _identity(_envelope(body))
    except Unreadable:
        return f"unreadable:{hashlib.sha256(body).hexdigest()}", ""


def _envelope(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
        # Only an escape can say what cannot be stored; most bodies have none, and looking at each text costs.
        document = (_CLEANING if "\\u" in text else _DECODER).decode(text)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"not JSON ({type(problem).__name__})") from None
    if not isinstance(document, dict):
        raise Unreadable("not a JSON object")
    data = document.get("data")
    return data if isinstance(data, dict) else document


def _identity(data: Mapping[str, Any]) -> tuple[str, str]:
    return _name(data, "id", ID_LENGTH), _name(data, "event_type", TYPE_LENGTH)


def _name(data: Mapping[str, Any], key: str, longest: int) -> str:
    text = data.get(key)
    if text is None or text == "":
        raise Unreadable(f"no {key}")
    if not isinstance(text, str) or len(text) > longest or not text.isprintable() or "\ufffd" in text:
        raise Unreadable(f"the {key} is malformed")
    return text


def _times(event_type: str, data: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterable[Any]:
    if event_type == "conference.recording.saved":
        yield payload.get("recording_ended_at")
    yield data.get("occurred_at")
    yield payload.get("occurred_at")


def moment(value: Any) -> datetime | None:
    """One of Telnyx's times (ISO 8601, UTC when it names no zone) as an aware UTC time.

    None and "" are no time; raises `Unreadable` for anything else that is none, or is of another age: at the
    ends of the calendar, a second less or more would be no time.
    """
    if value is None or value == "":
        return None
    try:
        read = datetime.fromisoformat(value)
        read = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Unreadable("a time is malformed") from None
    if read.year not in _AGE:
        raise Unreadable("a time is of another age")
    return read


# --- JSON without its surprises ----------------------------------------------------------------------
def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Null is the same as absent, at every level."""
    return {key: value for key, value in pairs if value is not None}


def _clean_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {_clean(key): _clean(value) for key, value in pairs if value is not None}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _integer(text: str) -> int | None:
    """No number of Telnyx needs more than 64 bits; a longer one would fail in the database."""
    return int(text) if len(text) <= 18 else None


def _float(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _decoder(of_object: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=of_object,
        parse_int=_integer,
        parse_float=_float,
        parse_constant=_refuse_constant,
    )


_DECODER, _CLEANING = _decoder(_object), _decoder(_clean_object)


# --- our own events ----------------------------------------------------------------------------------
def encode(event_type: str, event_id: str, at: datetime, payload: Mapping[str, Any]) -> bytes:
    """One of our own events (`reply.mute`, `read.conference`…) in Telnyx's envelope; `at` is aware."""
    data = {
        "event_type": event_type,
        "id": event_id,
        "occurred_at": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "payload": payload,
        "record_type": "event",
    }
    return json.dumps({"data": data}, separators=(",", ":")).encode()
