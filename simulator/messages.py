"""A request as the handlers see it, an answer as they give it, and pages of lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from simulator import errors
from simulator.state import Json, World

Item = TypeVar("Item")
OK: Json = {"result": "ok"}


@dataclass
class Request:
    """`names` are the path's own parts, unescaped; `query` has the last value of each name."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Reply:
    """`body` None = no body (204)."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[World, Request], Reply]


def single(data: Any) -> Reply:
    return Reply(200, {"data": data})


def ok() -> Reply:
    return single(dict(OK))


def nothing() -> Reply:
    return Reply(204)


def page(request: Request, items: Sequence[Item], show: Callable[[Item], Json], size: int = 20) -> Reply:
    """One page of a list by `page[number]` and `page[size]` (default `size`), with Telnyx's `meta`."""
    number = whole(request, "page[number]", 1, 1, None)
    size = whole(request, "page[size]", size, 1, 250)
    # Of effect for lists by cursor only, but checked everywhere.
    whole(request, "page[limit]", 20, 1, 250)
    shown = [show(item) for item in items[(number - 1) * size : number * size]]
    meta = {
        "page_number": number,
        "page_size": size,
        "total_pages": max(-(-len(items) // size), 1),
        "total_results": len(items),
    }
    return Reply(200, {"data": shown, "meta": meta})


def whole(request: Request, name: str, default: int, low: int, high: int | None) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isdigit() or int(text) < low or (high is not None and int(text) > high):
        raise errors.out_of_range(name, low, high or "any")
    return int(text)
