"""docs/telnyx.md names every operation, event and field, and nothing that does not exist.

What there is comes from three sides: `telnyx_fields.json` (the names in Telnyx's API reference), the client's
methods and their parameters, and the events that the projections fold. What the page names has to be there:
methods, model fields, files, rights, tests.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from django.apps import apps

import conferences.occurrences
import queues.transitions
import recordings.transitions
import telephony.calls
from dashboard.roles import Action
from telephony.api_types import ConferenceConfig
from telephony.client import TelnyxClient
from tests.support.operations import operations, parameters

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/telnyx.md").read_text()
TELNYX = json.loads((ROOT / "tests/telnyx_fields.json").read_text())
HEADER = "Field"
COMMON = "Fields of every operation", "Fields of every event"
UNSEEN = "Events that are kept and not shown"
WITHOUT_PLACE = ("Not shown", "Not chosen", "Not asked", "Not sent", "Not on screen")
FEWEST_WORDS = 5  # of a reason
# What follows "Not on screen:" and the like is why, not where it might be one day.
REASON = re.compile(r"Not (shown|chosen|asked|sent|on screen)( itself| and never stored[\w ]*)?: (.+)")
PLACES = ("Admin", "Conference page", "Floor", "More", "Queue page", "Queues", "Recordings")
# The client's own words for what has no parameter of its own.
WHOLE_REQUEST = {"*the operation*", "*the event*"}


@dataclass(frozen=True)
class Row:
    section: str
    names: tuple[str, ...]
    made_by: str
    place: str
    right: str
    test: str

    def __str__(self) -> str:
        return f"{self.section}: {', '.join(self.names)}"[:70]

    @property
    def is_whole(self) -> bool:
        return self.names == ()

    @property
    def has_no_place(self) -> bool:
        return self.place.startswith(WITHOUT_PLACE)

    @property
    def files(self) -> list[str]:
        return [name for name in quoted(self.place) if "/" in name]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def read() -> Iterator[Row]:
    section = ""
    for line in PAGE.splitlines():
        if line.startswith("#"):
            section = line.lstrip("# ")
        elif line.startswith("| ") and not line.startswith(f"| {HEADER}"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if len(cells) == 5:
                first, made_by, place, right, test = cells
                assert quoted(first) or first in WHOLE_REQUEST, line
                yield Row(section, tuple(quoted(first)), made_by, place, right, test)


ROWS = list(read())


def named_in(section: str) -> list[str]:
    return [name for row in ROWS if row.section == section for name in row.names]


def has(section: str) -> bool:
    return any(row.section == section and row.is_whole for row in ROWS)


# --- nothing is missing ------------------------------------------------------------------------------------
@pytest.mark.parametrize("operation", TELNYX["operations"])
def test_every_operation_and_each_of_its_fields_has_a_row(operation: str) -> None:
    assert has(operation)
    named, needed = set(named_in(operation)), set(TELNYX["operations"][operation])
    assert needed - named <= set(named_in(COMMON[0]))
    assert named <= needed


@pytest.mark.parametrize("event", TELNYX["events"])
def test_every_event_and_each_of_its_fields_has_a_row(event: str) -> None:
    if f"| `{event}` |" in PAGE.partition(UNSEEN)[2]:
        return
    assert has(event)
    named, needed = set(named_in(event)), set(TELNYX["events"][event])
    assert needed - named <= set(named_in(COMMON[1]))
    assert named <= needed


@pytest.mark.parametrize("resource", TELNYX["resources"])
def test_each_field_of_what_telnyx_keeps_has_a_row(resource: str) -> None:
    assert sorted(named_in(resource)) == sorted(TELNYX["resources"][resource])


def test_every_method_of_the_client_and_each_of_its_parameters_is_named() -> None:
    named = {name for row in ROWS for name in quoted(row.made_by)}
    common = {"command_id", "client_state"} | set(named_in(COMMON[0]))
    for method in operations():
        assert method in named
        asked = parameters(method) - common - {"application_id"} - identities(method)
        # What selects the subject stands in the path, and is told once for all operations.
        assert {f"{method}.{name}" for name in asked} <= named, method


def identities(method: str) -> set[str]:
    """The parameters without a default whose name is part of the address."""
    [operation] = {row.section for row in ROWS if row.is_whole and quoted(row.made_by) == [method]}
    return set(re.findall(r"{(\w+)}", operation))


def test_every_event_that_is_folded_is_named() -> None:
    folded = {*conferences.occurrences._WEBHOOKS, *conferences.occurrences._OF_CALLS}
    folded |= {*queues.transitions._WEBHOOKS, *telephony.calls._MOMENTS, recordings.transitions.SAVED}
    assert {event for event in folded if has(event)} == folded


# --- what is named is there --------------------------------------------------------------------------------
def test_what_makes_it_exists() -> None:
    assert [name for row in ROWS for name in quoted(row.made_by) if not exists(name)] == []
    assert [str(row) for row in ROWS if row.made_by == "–" and not row.has_no_place] == []


def exists(name: str) -> bool:
    """`method`, `method.parameter`, or `Model.field`."""
    owner, _, part = name.partition(".")
    if owner in operations():
        return not part or part in parameters(owner)
    if owner == ConferenceConfig.__name__:
        return part in ConferenceConfig.__annotations__
    if owner == TelnyxClient.__name__:
        return part in operations()
    return any(
        model.__name__ == owner and part in {field.name for field in model._meta.get_fields()}
        for model in apps.get_models()
    )


def test_its_place_exists_or_its_absence_has_a_reason() -> None:
    assert [name for row in ROWS for name in row.files if not (ROOT / name).is_file()] == []
    assert [str(row) for row in ROWS if not (row.files or row.has_no_place)] == []
    assert [row.place for row in ROWS if row.has_no_place and not has_reason(row.place)] == []


def has_reason(place: str) -> bool:
    found = REASON.fullmatch(place)
    return bool(found and not found[3].startswith(PLACES) and len(place.split()) >= FEWEST_WORDS)


def test_its_place_mentions_it() -> None:
    """One of the files has the name of the field, of the method, of its parameter or of the model's field."""
    shown = [row for row in ROWS if row.section not in COMMON and not row.has_no_place]
    assert [str(row) for row in shown if not mentions(row)] == []


def mentions(row: Row) -> bool:
    words = {name.rpartition(".")[2] for name in (*quoted(row.made_by), *row.names)}
    told = " ".join((ROOT / name).read_text() for name in row.files)
    return any(re.search(rf"\b{re.escape(word)}\b", told) for word in words)


def test_its_right_is_one_of_ours() -> None:
    rights = {action.value for action in Action} | {"worker", "as the operation"}
    wrong = [row for row in ROWS if row.right not in rights and not (row.right == "–" and row.has_no_place)]
    assert [str(row) for row in wrong] == []


def test_its_test_exists() -> None:
    tested = [row for row in ROWS if not row.test == row.made_by == "–"]
    assert [str(row) for row in tested if not is_tested(row)] == []


def is_tested(row: Row) -> bool:
    [name] = quoted(row.test)
    file, _, test = name.partition("::")
    return test in functions_of(file)


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


# --- the client takes Telnyx's words and no others ---------------------------------------------------------
def made_by(operation: str, name: str) -> str:
    """The client's parameter for a field of Telnyx's; "" for one that is not sent."""
    [row] = [row for row in ROWS if row.section == operation and name in row.names]
    made = quoted(row.made_by)
    return made[row.names.index(name)] if made else ""


# A list of countries, and an order of codecs: text here.
FREE = {"ringtone", "preferred_codecs"}
CHOICES = [
    (operation, name)
    for operation, some in TELNYX["choices"].items()
    for name in some
    if name not in FREE and made_by(operation, name)
]


@pytest.mark.parametrize(("operation", "name"), CHOICES)
def test_the_client_s_choices_are_telnyx_s(operation: str, name: str) -> None:
    method, _, parameter = made_by(operation, name).partition(".")
    assert literals(hint(method, parameter)) == set(TELNYX["choices"][operation][name])


def hint(method: str, parameter: str) -> Any:
    hints = get_type_hints(getattr(TelnyxClient, method))
    if parameter in hints:
        return hints[parameter]
    return get_type_hints(hints["options"].__args__[0])[parameter]


def literals(kind: Any) -> set[str]:
    if get_origin(kind) is Literal:
        return set(get_args(kind))
    if get_origin(kind) in {Union, UnionType}:
        return set().union(*(literals(one) for one in get_args(kind) if one is not NoneType))
    return set()
