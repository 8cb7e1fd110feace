"""What a soak found, for people and for programs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.soak_judge import Verdict

MOST_SHOWN = 40


@dataclass(slots=True)
class Report:
    """`plan` is what was asked for, `done` what was done to Earshot, `allowed` the seconds it had."""

    plan: Mapping[str, Any]
    done: Mapping[str, float]
    allowed: Mapping[str, float]
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def holds(self) -> bool:
        return not self.verdict.wrong

    def write(self, path: Path) -> None:
        path.write_text(json.dumps({"holds": self.holds, **asdict(self)}, indent=2) + "\n")

    def words(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield from _table("Asked for", self.plan)
        yield from _table("Done", self.done)
        yield from _table("Counted", self.verdict.counts)
        yield from _table("Seconds after the freeze", {key: self._took(key) for key in self.allowed})
        yield from _table("Values compared", self.verdict.compared)
        yield from _table("Not known", self.verdict.unknown or {"nothing": ""})
        yield from _wrong(self.verdict.wrong)

    def _took(self, key: str) -> str:
        took = self.verdict.seconds.get(key)
        return f"{'never' if took is None else took} (at most {self.allowed[key]:.0f})"


def _table(title: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield f"{title}:"
    yield from (f"  {name:<36}{value}" for name, value in values.items())


def _wrong(found: Iterable[str]) -> Iterator[str]:
    lines = list(found)
    yield f"Wrong: {len(lines)}" if lines else "Wrong: nothing. What Earshot shows is what is true."
    yield from (f"  {line}" for line in lines[:MOST_SHOWN])
    if len(lines) > MOST_SHOWN:
        yield f"  … and {len(lines) - MOST_SHOWN} more, all in the report"
