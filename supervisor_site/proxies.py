"""Who asks, when proxies stand in between: only as many are believed as the settings say. Pure."""

import ipaddress
import uuid
from collections.abc import Iterable, Sequence

from supervisor_site.asgi_types import Scope

FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-proto"})
SECURE = {"http": "https", "ws": "wss"}


def seen_from_outside(scope: Scope, proxies: int) -> Scope:
    """The scope with the client's own address and scheme, as the outermost of `proxies` trusted ones saw it.

    Each proxy adds to the right of X-Forwarded-For whom it was asked by; what stands further left than our
    own proxies wrote is whatever the client claims. All such headers are taken away here, so that nothing
    behind believes them again; X-Forwarded-Proto stays, with one believed value, for Django's is_secure().
    """
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in FORWARDED]
    believed = {**scope, "headers": headers}
    if proxies > 0:
        _believe_address(believed, _nth_from_right(_values(scope, b"x-forwarded-for"), proxies))
        _believe_scheme(believed, _values(scope, b"x-forwarded-proto"), proxies)
    return believed


def request_id(scope: Scope, proxies: int) -> str:
    """The id that a trusted proxy gave the request in X-Request-Id, else a new one."""
    given = _values(scope, b"x-request-id")[:1] if proxies > 0 else []
    if given and len(given[0]) <= 64 and given[0].replace("-", "").isalnum():
        return given[0]
    return uuid.uuid4().hex


def _believe_address(scope: Scope, claimed: str | None) -> None:
    address = _address(claimed) if claimed else None
    if address:
        scope["client"] = [address, 0]


def _believe_scheme(scope: Scope, claimed: Sequence[str], proxies: int) -> None:
    """Proxies replace this header more often than they add to it: a single value is the outermost's."""
    scheme = (_nth_from_right(claimed, proxies) or "".join(claimed[:1])).lower()
    if scheme not in {"http", "https"}:
        return
    scope["headers"].append((b"x-forwarded-proto", scheme.encode()))
    plain = "ws" if scope["type"] == "websocket" else "http"
    scope["scheme"] = SECURE[plain] if scheme == "https" else plain


def _values(scope: Scope, wanted: bytes) -> list[str]:
    found: Iterable[bytes] = (value for name, value in scope["headers"] if name.lower() == wanted)
    text = b",".join(found).decode("latin-1")
    return [part.strip() for part in text.split(",") if part.strip()]


def _nth_from_right(values: Sequence[str], number: int) -> str | None:
    return values[-number] if len(values) >= number else None


def _address(text: str) -> str | None:
    """An IP address; some proxies write a port behind it."""
    bare = text.rpartition(":")[0] if text.count(":") == 1 or text.rpartition(":")[0].endswith("]") else text
    try:
        return str(ipaddress.ip_address(bare.strip("[]")))
    except ValueError:
        return None
