"""One view of a list, as its address tells it: what is set, and which page."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

_LONGEST = 100  # characters of one filter


@dataclass(frozen=True, slots=True)
class View:
    """What a list shows. A list adds its filters, each as its text in the address; "" is not set."""

    page: int = 1

    def query(self, **other: Any) -> str:
        """The address's query, with some fields otherwise; another page only if that is one of them."""
        wanted = replace(self, **{"page": 1, **other})
        told = {f.name: getattr(wanted, f.name) for f in fields(wanted)}
        return urlencode({name: value for name, value in told.items() if value not in ("", 1)})

    @property
    def key(self) -> str:
        """The part of a live scope after its colon."""
        return self.query(page=self.page)


def of_key(key: str) -> dict[str, str]:
    return dict(parse_qsl(key))


def texts_of(view: type[View], told: Mapping[str, str]) -> dict[str, str]:
    """The view's fields but for the page; what cannot be shown is as if it were not there."""
    texts = {f.name: told.get(f.name, "").strip()[:_LONGEST] for f in fields(view) if f.name != "page"}
    return {name: text if text.isprintable() else "" for name, text in texts.items()}


def page_of(told: Mapping[str, str]) -> int:
    page = told.get("page", "")
    return max(int(page), 1) if page.isascii() and page.isdigit() and len(page) < 8 else 1


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def span_in_words(since: date | None, until: date | None) -> str:
    """`18 Nov 2026 – 23 Nov 2026`, `from 18 Nov 2026`; "" without either."""
    if since and until:
        return f"{since:%-d %b %Y} – {until:%-d %b %Y}"
    if since or until:
        return f"from {since:%-d %b %Y}" if since else f"to {until:%-d %b %Y}"
    return ""
