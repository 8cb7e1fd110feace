"""What a line of the log is about: the request, event or command that is being worked on, by its id."""

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})
_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=_NOTHING)


@contextlib.contextmanager
def about(**ids: str) -> Iterator[None]:
    """Lines that are written within the block carry these ids, beside those of the blocks around it."""
    token = _about.set({**_about.get(), **ids})
    try:
        yield
    finally:
        _about.reset(token)


def current() -> Mapping[str, str]:
    return _about.get()
