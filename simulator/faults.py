"""Faults on request: what to answer instead, for which requests, how often."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from simulator import errors
from simulator.fields import Field, checked
from simulator.messages import Request
from simulator.state import Json

Kind = Literal[
    "429",
    "500",
    "502",
    "503",
    "504",
    "401",
    "403",
    "hang",
    "cut",
    "cut_after",
    "late",
    "broken_json",
    "redirect",
]
KINDS = get_args(Kind)


@dataclass
class Fault:
    """`count` None: until cleared. `reset`: seconds, told with a 429. `location`: where a redirect leads.

    Before anything takes effect: 429, 5xx, 401, 403, hang, cut, redirect.
    After it did: cut_after, broken_json, and late, which is answered when the faults are cleared.
    """

    kind: Kind
    method: str | None
    path_contains: str
    count: int | None
    probability: float
    reset: int
    location: str


class Faults:
    def __init__(self, seed: int | None = None) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - dice, not keys
        self._planned: list[Fault] = []
        self.cleared = asyncio.Event()

    def add(self, order: Json) -> None:
        self._planned.append(_parsed(order))

    def clear(self) -> None:
        """Forgets all, and lets go of the requests that hang."""
        self._planned.clear()
        self.cleared.set()
        self.cleared = asyncio.Event()

    def next_for(self, request: Request) -> Fault | None:
        for fault in self._planned:
            if self._strikes(fault, request):
                if fault.count is not None:
                    fault.count -= 1
                return fault
        return None

    def _strikes(self, fault: Fault, request: Request) -> bool:
        return (
            fault.count != 0
            and fault.method in (None, request.method)
            and fault.path_contains in request.path
            and self._dice.random() < fault.probability
        )


def _parsed(order: Json) -> Fault:
    fields = {
        "match": Field("object", default={}),
        "answer": Field("any", required=True),
        "count": Field("integer", low=1),
        "probability": Field("number", low=0, high=1, default=1),
        "reset": Field("integer", low=0, default=1),
        "location": Field(default="https://telnyx.com/"),
    }
    body: dict[str, Any] = checked(order, fields)
    kind = str(body["answer"])
    if kind not in KINDS:
        raise errors.not_in_list("answer", KINDS)
    match = body["match"]
    return Fault(
        kind=cast(Kind, kind),
        method=match.get("method"),
        path_contains=match.get("path_contains", ""),
        count=body["count"],
        probability=float(body["probability"]),
        reset=body["reset"],
        location=body["location"],
    )
