"""What is checked before a command is looked at: the key, the rate, and whether it was sent before."""

from __future__ import annotations

from collections import OrderedDict

from simulator import errors
from simulator.clock import Clock
from simulator.messages import Reply, Request

REMEMBERED_SECONDS = 60.0
WINDOW_SECONDS = 60.0


def check_key(request: Request, api_key: str | None) -> None:
    """Any key opens when none was set; none, or an empty one, never does."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    right = scheme.lower() == "bearer" and bool(key.strip()) and api_key in (None, key.strip())
    if not right:
        of_recordings = request.path.startswith("/v2/recordings")
        raise errors.unauthorized_for_recordings() if of_recordings else errors.unauthorized()


class RateLimit:
    """So many requests in each minute; its headers go on every answer."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock, self._limit = clock, limit
        self._window_ends = 0.0
        self._used = 0

    def allow(self, limit: int) -> None:
        """So many from now on, in a minute that begins with the next request."""
        self._limit, self._window_ends = limit, 0.0

    def count(self) -> None:
        """Counts one request; raises 429 when the minute's are used up."""
        if self._clock.now() >= self._window_ends:
            self._window_ends, self._used = self._clock.now() + WINDOW_SECONDS, 0
        self._used += 1
        if self._used > self._limit:
            raise errors.too_many_requests()

    def headers(self) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self._limit),
            "x-ratelimit-remaining": str(max(self._limit - self._used, 0)),
            "x-ratelimit-reset": str(max(round(self._window_ends - self._clock.now()), 0)),
        }


class CommandIds:
    """The answers to commands with a `command_id`, for a minute: the same id again changes nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: OrderedDict[tuple[str, str], tuple[float, Reply]] = OrderedDict()

    def earlier(self, request: Request) -> Reply | None:
        self._forget()
        kept = self._answers.get((_scope(request), _command_id(request)))
        return kept[1] if kept else None

    def remember(self, request: Request, reply: Reply) -> None:
        if _command_id(request):
            until = self._clock.now() + REMEMBERED_SECONDS
            self._answers[_scope(request), _command_id(request)] = (until, reply)

    def _forget(self) -> None:
        while self._answers and next(iter(self._answers.values()))[0] <= self._clock.now():
            self._answers.popitem(last=False)


def _command_id(request: Request) -> str:
    value = request.body.get("command_id")
    return value if isinstance(value, str) and request.method != "GET" else ""


def _scope(request: Request) -> str:
    """Within what an id is unique: a call, a conference, all dials, or everything, as SPEC says for each."""
    if request.path == "/v2/calls":
        return "dial"
    if "call_control_id" in request.names:
        return request.names["call_control_id"]
    action = request.path.rsplit("/", 1)[-1]
    if action.startswith("record_") or action == "end":
        return request.names.get("id", "")
    return "everything"
