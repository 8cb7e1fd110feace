"""What a request's body and query may contain, checked as Telnyx checks it: what is unknown is ignored."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from simulator import errors

Kind = Literal[
    "text",
    "integer",
    "number",
    "boolean",
    "ids",
    "object",
    "headers",
    "state",
    "url",
    "digits",
    "uuid",
    "any",
]
Json = dict[str, Any]

E164 = re.compile(r"\+[1-9]\d{5,14}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Field:
    """One parameter: its kind, and what Telnyx refuses about it. Lengths for text, values for integers."""

    kind: Kind = "text"
    required: bool = False
    choices: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    default: Any = None


def every(field: Field, *names: str) -> dict[str, Field]:
    """The same rule for several parameters."""
    return dict.fromkeys(names, field)


def checked(body: Mapping[str, Any], fields: Mapping[str, Field], inside: str = "") -> Json:
    """The named parameters with their defaults; raises `Refusal` (422) for the first that is wrong.

    `inside`: the parameter that `body` is the value of, for the pointer of the refusal.
    """
    prefix = f"{inside}/" if inside else ""
    return {name: _checked_one(prefix + name, body.get(name), field) for name, field in fields.items()}


def _checked_one(name: str, value: Any, field: Field) -> Any:
    if value is None or (value == "" and field.required):
        if field.required:
            raise errors.missing(name)
        return field.default
    _check_kind(name, value, field.kind)
    if field.choices and value not in field.choices:
        raise errors.not_in_list(name, field.choices)
    _check_range(name, value, field)
    return value


def _check_kind(name: str, value: Any, kind: Kind) -> None:
    if kind == "any":
        return
    if kind == "integer":
        right = isinstance(value, int) and not isinstance(value, bool)
    elif kind == "number":
        right = isinstance(value, int | float) and not isinstance(value, bool)
    elif kind == "ids":
        right = isinstance(value, list) and all(isinstance(item, str) for item in value)
    elif kind == "headers":
        right = isinstance(value, list) and all(_is_header(item) for item in value)
    else:
        right = isinstance(value, {"boolean": bool, "object": dict}.get(kind, str))
    if not right:
        raise errors.invalid(name, f"The '{name}' parameter has the wrong type.")
    _check_text(name, value, kind)


def _is_header(item: Any) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(key), str) for key in ("name", "value"))


def _check_text(name: str, value: Any, kind: Kind) -> None:
    if kind == "state" and not is_base64(value):
        raise errors.bad_client_state(name)
    if kind == "url" and not re.match(r"https?://\S+", value):
        raise errors.invalid(name, f"The '{name}' parameter must be a valid URL.")
    if kind == "digits" and not re.fullmatch(r"[0-9A-D*#wW]+", value):
        raise errors.bad_digits(name)
    if kind == "uuid" and not UUID.fullmatch(value):
        raise errors.invalid(name, f"The '{name}' parameter must be a UUID.")


def _check_range(name: str, value: Any, field: Field) -> None:
    size = len(value) if isinstance(value, str | list) else value
    if (field.low is not None and size < field.low) or (field.high is not None and size > field.high):
        raise errors.out_of_range(name, field.low, field.high)


def is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def exclusive(body: Mapping[str, Any], one: str, other: str) -> None:
    if body.get(one) and body.get(other):
        raise errors.invalid(one, f"{one} and {other} cannot be used together in one request.")


def loop_count(value: Any) -> int | None:
    """How often audio plays; None = for ever ("infinity"). Numbers are accepted as text too (SPEC: oneOf)."""
    if value is None:
        return 1
    if value == "infinity":
        return None
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100:
        raise errors.bad_loop()
    return value


def one_of(query: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    value = query.get(name)
    if value is not None and value not in choices:
        raise errors.not_in_list(name, choices)
    return value


def flag(query: Mapping[str, str], name: str) -> bool | None:
    value = one_of(query, name, ("true", "false"))
    return None if value is None else value == "true"


TEXT, FLAG, WHOLE, OBJECT = Field(), Field("boolean"), Field("integer", low=0), Field("object")
REGION = Field(choices=("Australia", "Europe", "Middle East", "US"))
BEEP = Field(choices=("always", "never", "on_enter", "on_exit"))
COMMAND = {"client_state": Field("state"), "command_id": Field()}
