"""Two floors side by side, Earshot's and the true one, field by field. Pure.

Both have the form of `/api/floor`. What each side counts or names by itself (versions, labels) is left out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Key = tuple[str, str, str]  # what, which one, which field
Fields = Mapping[str, tuple[str, ...]]

# Telnyx's lists tell these, or the answers to our own commands: no lost webhook may leave them wrong.
REPAIRABLE: Fields = {
    "conference": ("id", "name", "status", "recording"),
    "person": ("call_control_id", "muted", "on_hold", "supervisor_role"),
    "queue": ("name", "max_size"),
    "caller": ("call_control_id", "position", "enqueued_at"),
}
# Only a webhook tells these.
TOLD: Fields = {"conference": ("floor",)}
MISSING = "(missing)"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where Earshot and Telnyx disagree; `ours` and `true` as text."""

    where: str
    ours: str
    true: str

    def __str__(self) -> str:
        return f"{self.where}: Earshot has {self.ours}, true is {self.true}"


def differences(ours: Json, truth: Json, fields: Fields = REPAIRABLE) -> list[Difference]:
    """What differs in these fields, in the order of the fields' names."""
    here, there = _flat(ours, fields), _flat(truth, fields)
    return [
        Difference(" ".join(key), str(here.get(key, MISSING)), str(there.get(key, MISSING)))
        for key in sorted(here.keys() | there.keys())
        if here.get(key, MISSING) != there.get(key, MISSING)
    ]


def told(ours: Json, truth: Json) -> tuple[list[Difference], int]:
    """Of what only webhooks tell, some of them lost for good: what is wrong, and how much is not known."""
    differing = differences(ours, truth, TOLD)
    wrong = [one for one in differing if one.ours != str(None)]
    return wrong, len(differing) - len(wrong)


def compared(truth: Json, fields: Fields = REPAIRABLE) -> dict[str, int]:
    """How many values of each field there are to compare, by `<what>.<field>`."""
    return dict(sorted(Counter(f"{what}.{field}" for what, _, field in _flat(truth, fields)).items()))


def _flat(floor: Json, fields: Fields) -> dict[Key, Any]:
    return {
        (what, which, field): thing[field]
        for what, which, thing in _things(floor)
        for field in fields.get(what, ())
    }


def _things(floor: Json) -> Iterator[tuple[str, str, Json]]:
    for conference in floor["conferences"]:
        yield "conference", conference["id"], conference
        for person in conference["participants"]:
            yield "person", f"{conference['id']} {person['call_control_id']}", person
    for queue in floor["queues"]:
        yield "queue", queue["name"], queue
        for caller in queue["waiting"]:
            yield "caller", f"{queue['name']} {caller['call_control_id']}", caller
