"""One view of a list, as its address tells it: what is set, and which page."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q

_LONGEST = 100  # characters of one filter
_LAST_DIGITS, _WHOLE_NUMBER = 4, 8


@dataclass(frozen=True, slots=True)
class View:
    """What a list shows. A list adds its filters, each as its text in the address; "" is not set."""

    page: int = 1

    def query(self, **other: Any) -> str:
        """The address's query, with some fields otherwise; another page only if that is one of them."""
        wanted = replace(self, **{"page": 1, **other})
        told = {f.name: getattr(wanted, f.name) for f in fields(wanted)}
        return urlencode({name: value for name, value in told.items() if value not in ("", 1)})

    def places(self, per_page: int) -> slice:
        """Where in the whole list this page is."""
        first = (self.page - 1) * per_page
        return slice(first, first + per_page)

    @property
    def key(self) -> str:
        """The part of a live scope after its colon."""
        return self.query(page=self.page)


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of a list, with how many are in it."""

    name: str
    word: str
    count: int


def of_key(key: str) -> dict[str, str]:
    return dict(parse_qsl(key))


def texts_of(view: type[View], told: Mapping[str, str]) -> dict[str, str]:
    """The view's fields but for the page; what cannot be shown is as if it were not there."""
    texts = {f.name: told.get(f.name, "").strip()[:_LONGEST] for f in fields(view) if f.name != "page"}
    return {name: text if text.isprintable() else "" for name, text in texts.items()}


def known(text: str, values: Container[str]) -> str:
    """The text, if it is one of these."""
    return text if text in values else ""


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


def _digits_of(text: str) -> str:
    """The digits of what is written as a number, masked or whole; "" for other text."""
    return "" if text.strip(" +()-.•0123456789") else "".join(sign for sign in text if sign.isdigit())


def numbered(text: str, *columns: str, full_numbers: bool) -> Q:
    """Rows in one of whose columns is the number that the text is or is a part of; of other text, none.

    Who sees numbers masked finds by the last four digits or by a whole number: a part of any other place
    would let them guess the rest, digit by digit.
    """
    digits, found = _digits_of(text), Q(pk__in=())
    for column in columns if digits else ():
        if full_numbers:
            found |= Q(**{f"{column}__contains": digits})
        elif len(digits) == _LAST_DIGITS:
            found |= Q(**{f"{column}__endswith": digits})
        elif len(digits) >= _WHOLE_NUMBER:
            found |= Q(**{column: f"+{digits}"})
    return found
