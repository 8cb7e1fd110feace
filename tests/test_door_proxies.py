"""Whom the pages believe to be asked by, with and without proxies in between."""

from typing import Any

import pytest

from supervisor_site.proxies import seen_from_outside

PEER = ["10.0.0.9", 40000]


def seen(proxies: int, kind: str = "http", **headers: str) -> dict[str, Any]:
    scope = {
        "type": kind,
        "scheme": "ws" if kind == "websocket" else "http",
        "client": PEER,
        "headers": [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()],
    }
    return seen_from_outside(scope, proxies)


def names(scope: dict[str, Any]) -> list[bytes]:
    return [name for name, _ in scope["headers"]]


def test_without_proxies_nobody_is_believed() -> None:
    scope = seen(0, host="a", x_forwarded_for="1.2.3.4", x_forwarded_proto="https", forwarded="for=1.2.3.4")
    assert (scope["client"], scope["scheme"], names(scope)) == (PEER, "http", [b"host"])


@pytest.mark.parametrize(
    ("proxies", "header", "client"),
    [
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (2, "6.6.6.6, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "203.0.113.7:51000", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.9"),
        (1, "unknown", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "203.0.113.7, ", "203.0.113.7"),
        (1, "é", "10.0.0.9"),
    ],
)
def test_the_address_that_the_outermost_proxy_saw(proxies: int, header: str, client: str) -> None:
    assert seen(proxies, x_forwarded_for=header)["client"][0] == client


def test_several_headers_are_one_list() -> None:
    raw = [(b"X-Forwarded-For", b"6.6.6.6"), (b"x-forwarded-for", b"203.0.113.7")]
    scope = {"type": "http", "scheme": "http", "client": PEER, "headers": raw}
    assert seen_from_outside(scope, 1)["client"] == ["203.0.113.7", 0]
    assert scope["client"] is PEER


@pytest.mark.parametrize(
    ("kind", "header", "scheme"),
    [
        ("http", "https", "https"),
        ("http", "HTTPS", "https"),
        ("http", "http", "http"),
        ("http", "gopher", "http"),
        ("http", "http, https", "https"),
        ("websocket", "https", "wss"),
        ("websocket", "http", "ws"),
    ],
)
def test_the_scheme(kind: str, header: str, scheme: str) -> None:
    assert seen(1, kind, x_forwarded_proto=header)["scheme"] == scheme


def test_django_gets_one_believed_scheme_and_no_addresses() -> None:
    scope = seen(1, x_forwarded_for="203.0.113.7", x_forwarded_proto="http, https")
    assert scope["headers"] == [(b"x-forwarded-proto", b"https")]
