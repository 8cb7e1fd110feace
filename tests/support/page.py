"""A page as a browser holds it: the HTML that was served, with what the socket pushed put into it."""

import json
from collections.abc import Iterator
from typing import Any

from django.test.html import Element, parse_html

# What differs between two loads of one unchanged page.
VOLATILE = {"data-now", "hx-headers", "nonce"}


class Page:
    """Applies snapshots and fragments by id, list and version, as live.js does."""

    def __init__(self, html: str) -> None:
        self.root: Element = parse_html(html)
        self._scopes: dict[str, set[str]] = {}
        self._gone: dict[str, int] = {}

    @property
    def scopes(self) -> list[str]:
        """What the page asks its socket for."""
        return " ".join(value(element, "data-live-scopes") for element in elements(self.root)).split()

    def apply(self, message: dict[str, Any]) -> None:
        """One message of the socket; a beat changes nothing."""
        if message["type"] == "snapshot":
            self._begin_anew(message)
        for fragment in message.get("fragments", ()):
            self._put(fragment)
            self._scopes.setdefault(message["scope"], set()).add(fragment["id"])

    def lines(self) -> list[str]:
        """The page as text lines that are equal for equal pages; the order within a list does not count."""
        return list(_lines(self.root, 0))

    def fragments(self) -> dict[str, str]:
        """HTML of each fragment by its id."""
        return {
            value(element, "id"): "\n".join(_lines(element, 0))
            for element in elements(self.root)
            if value(element, "data-version")
        }

    def _begin_anew(self, message: dict[str, Any]) -> None:
        """A snapshot wins over every version, and what is not in it goes."""
        lists = {fragment["list"] for fragment in message["fragments"]}
        stale = self._scopes.pop(message["scope"], set())
        for element in list(elements(self.root)):
            if value(element, "data-list") in lists:
                stale |= {value(child, "id") for child in children(element)}
        for fragment_id in stale - {""}:
            self._remove(fragment_id)
            self._gone.pop(fragment_id, None)

    def _put(self, fragment: dict[str, Any]) -> None:
        if fragment["version"] < self._version(fragment["id"]):
            return
        if fragment["html"] is None:
            self._remove(fragment["id"])
            self._gone[fragment["id"]] = fragment["version"]
        else:
            self._insert(fragment)
            self._gone.pop(fragment["id"], None)

    def _insert(self, fragment: dict[str, Any]) -> None:
        new = parse_html(fragment["html"])
        assert value(new, "id") == fragment["id"], f"{fragment['id']} is not the id of its own HTML"
        assert value(new, "data-version") == str(fragment["version"]), f"{fragment['id']} has another version"
        self._keep_own(fragment["id"], new)
        self._remove(fragment["id"])
        for element in elements(self.root):
            if value(element, "data-list") == fragment["list"]:
                element.children.append(new)

    def _keep_own(self, fragment_id: str, new: Element) -> None:
        """What is the viewer's own comes in a fragment of its own, which the shared one leaves alone."""
        old = next((one for one in elements(self.root) if value(one, "id") == fragment_id), None)
        own = [one for one in elements(old) if "data-own" in dict(one.attributes)] if old else []
        for place in elements(new):
            for kept in own:
                if "data-own" in dict(place.attributes) and value(place, "id") == value(kept, "id"):
                    place.children, place.attributes = kept.children, kept.attributes

    def _remove(self, fragment_id: str) -> None:
        for parent in list(elements(self.root)):
            parent.children = [
                child
                for child in parent.children
                if isinstance(child, str) or value(child, "id") != fragment_id
            ]

    def _version(self, fragment_id: str) -> int:
        for element in elements(self.root):
            if value(element, "id") == fragment_id:
                return int(value(element, "data-version") or 0)
        return self._gone.get(fragment_id, -1)


def read_message(text: str) -> dict[str, Any]:
    message = json.loads(text)
    assert isinstance(message, dict)
    return message


def elements(root: Element) -> Iterator[Element]:
    yield root
    for child in children(root):
        yield from elements(child)


def children(element: Element) -> list[Element]:
    return [child for child in element.children if not isinstance(child, str)]


def value(element: Element, name: str) -> str:
    return str(dict(element.attributes).get(name) or "")


def _lines(element: Element, depth: int) -> Iterator[str]:
    indent = "  " * depth
    shown = [f'{name}="{text}"' for name, text in element.attributes if not _is_volatile(element, name)]
    yield f"{indent}<{' '.join([element.name or 'page', *shown])}>"
    inside = element.children
    if value(element, "data-list"):
        inside = sorted(inside, key=lambda child: "" if isinstance(child, str) else value(child, "id"))
    for child in inside:
        if not isinstance(child, str):
            yield from _lines(child, depth + 1)
        elif child and "data-clock" not in dict(element.attributes):
            yield f"{indent}  {child}"


def _is_volatile(element: Element, name: str) -> bool:
    token = name == "value" and value(element, "name") == "csrfmiddlewaretoken"
    return token or name in VOLATILE
