"""The mark on the legs that Earshot dials, for a supervisor or to an agent: `client_state`, base64 of JSON.

Telnyx gives it back in every `call.*` webhook of the leg and in the list of active calls, so that a leg is
known as ours even if the answer to the dial was lost. Not so in webhooks of conferences: there it is the
conference's creator's.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_OURS = "earshot"


@dataclass(frozen=True, slots=True)
class Mark:
    """For whom a leg was dialled: `supervision` and `user` are their numbers with us. `conference_id`, `role`
    and `whisper_to` (call control ids) are what it was dialled into; a test call goes into none."""

    supervision: str
    user: int
    conference_id: str = ""
    role: str = ""
    whisper_to: tuple[str, ...] = ()


def write(mark: Mark) -> str:
    """The client_state of a dial."""
    said = {
        "supervision": mark.supervision,
        "user": mark.user,
        "conference": mark.conference_id,
        "role": mark.role,
        "to": mark.whisper_to,
    }
    return _written(said)


def write_take(number: str) -> str:
    """The client_state of a call to an agent, to whom a waiting caller is taken; `number` is the take's."""
    return _written({"take": number})


def _written(said: Mapping[str, Any]) -> str:
    return base64.b64encode(json.dumps({_OURS: said}, separators=(",", ":")).encode()).decode()


def read(client_state: object) -> Mark | None:
    """The mark in a client_state; None for everybody else's legs."""
    said = _said(client_state)
    supervision, user = said.get("supervision"), said.get("user")
    if not isinstance(supervision, str) or not isinstance(user, int):
        return None
    to = said.get("to")
    whisper_to = tuple(leg for leg in to if isinstance(leg, str)) if isinstance(to, list) else ()
    return Mark(supervision, user, _text(said, "conference"), _text(said, "role"), whisper_to)


def read_take(client_state: object) -> str:
    """The take that a leg was dialled for; "" for everybody else's legs."""
    return _text(_said(client_state), "take")


def _said(client_state: object) -> Mapping[str, Any]:
    if not isinstance(client_state, str) or not client_state:
        return {}
    try:
        whole = json.loads(base64.b64decode(client_state, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    said = whole.get(_OURS) if isinstance(whole, dict) else None
    return said if isinstance(said, dict) else {}


def _text(said: Mapping[str, Any], name: str) -> str:
    text = said.get(name)
    return text if isinstance(text, str) else ""
