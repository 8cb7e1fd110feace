"""The text of what goes over the socket. Each fragment is encoded once and joined into many messages.

{"type": "snapshot", "scope": S, "fragments": [F…], "now": ms}   the whole scope; always wins
{"type": "fragments", "scope": S, "fragments": [F…]}             F = {"id", "list", "version", "html"}
{"type": "beat", "now": ms, "scopes": {S: {"count": n, "digest": "…"} | null}}
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from dashboard.boards import Fragment


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def fragment(of: Fragment) -> str:
    return json.dumps({"id": of.id, "list": of.list, "version": of.version, "html": of.html})


def snapshot(scope: str, encoded: Iterable[str]) -> str:
    whole = ",".join(encoded)
    return f'{{"type":"snapshot","scope":{json.dumps(scope)},"now":{now_ms()},"fragments":[{whole}]}}'


def fragments(scope: str, encoded: Iterable[str]) -> str:
    return f'{{"type":"fragments","scope":{json.dumps(scope)},"fragments":[{",".join(encoded)}]}}'


@dataclass(frozen=True, eq=False)
class News:
    """Encoded fragments of a scope, by id. Many mailboxes share one, so that its text is made once."""

    scope: str
    encoded: Mapping[str, str]

    @cached_property
    def text(self) -> str:
        return fragments(self.scope, self.encoded.values())

    def then(self, newer: "News") -> "News":
        return News(self.scope, {**self.encoded, **newer.encoded})


@dataclass(frozen=True, eq=False)
class Beat:
    """The total of each scope. Many mailboxes share one, and so its text and the time in it."""

    sums: Mapping[str, str]

    @cached_property
    def text(self) -> str:
        scopes = ",".join(f"{json.dumps(scope)}:{total}" for scope, total in self.sums.items())
        return f'{{"type":"beat","now":{now_ms()},"scopes":{{{scopes}}}}}'


def total(versions: Mapping[str, int]) -> str:
    """How many fragments a scope has, and their digest: what a page compares itself with."""
    return json.dumps({"count": len(versions), "digest": digest(versions)})


def digest(versions: Mapping[str, int]) -> str:
    """The sum, modulo 2^32, of FNV-1a of `<id> <version>`: the order of the fragments does not matter."""
    return str(sum(fnv1a(f"{id} {version}") for id, version in versions.items()) % 2**32)


@lru_cache(maxsize=8192)
def fnv1a(text: str) -> int:
    """32 bits, of the text's UTF-8."""
    value = 0x811C9DC5
    for byte in text.encode(errors="replace"):
        value = (value ^ byte) * 0x01000193 % 2**32
    return value
