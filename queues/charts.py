"""Charts as numbers for SVG: scales, stepped lines, bars. Pure; templates draw, tables tell the same.

A value that is not known is None: a line has a hole there, a bar is missing. Lengths are of the drawing's own
units, rounded to tenths, so that the same figures are always the same html.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LINES = 4  # at most that many steps of a scale
Value = float | None


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a plot is drawn: its edges, and how many columns it has."""

    left: float
    right: float
    top: float
    bottom: float
    columns: int

    @property
    def width(self) -> float:
        return (self.right - self.left) / max(self.columns, 1)

    def x(self, column: float) -> float:
        return round(self.left + column * self.width, 1)

    def y(self, value: float, scale: "Scale") -> float:
        share = (min(max(value, scale.low), scale.high) - scale.low) / (scale.high - scale.low)
        return round(self.bottom - share * (self.bottom - self.top), 1)


@dataclass(frozen=True, slots=True)
class Scale:
    """From which value to which, and in what steps its lines are."""

    low: int
    high: int
    step: int

    @property
    def values(self) -> list[int]:
        return list(range(self.low, self.high + 1, self.step))


def counting(most: float) -> Scale:
    """From 0 to at least `most`, in round steps."""
    step = next(
        size * ten for ten in (1, 10, 100, 1000, 10_000) for size in (1, 2, 5) if size * ten * LINES >= most
    )
    return Scale(0, max(step * -(-int(most) // step), step), step)


def percent(least: float) -> Scale:
    """Up to 100 %, from a multiple of 20 below `least`, so that what is bad is seen."""
    return Scale(min(int(least // 20) * 20, 60), 100, 20)


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the plot with its word."""

    y: float
    word: str


def rules(frame: Frame, scale: Scale, unit: str = "") -> list[Rule]:
    return [Rule(frame.y(value, scale), f"{value}{unit}") for value in scale.values]


def stepped(values: Sequence[Value], frame: Frame, scale: Scale) -> str:
    """The path of a line that stays at each value for its column, then goes up or down to the next."""
    parts: list[str] = []
    before: Value = None
    for column, value in enumerate(values):
        if value is not None:
            y = f"{frame.y(value, scale):g}"
            parts.append(f"V{y}" if before is not None else f"M{frame.x(column):g} {y}")
            parts.append(f"H{frame.x(column + 1):g}")
        before = value
    return "".join(parts)


def points(values: Sequence[Value], frame: Frame, scale: Scale) -> str:
    """A small line from point to point, the first at the left edge and the last at the right."""
    known = [(column, value) for column, value in enumerate(values) if value is not None]
    return " ".join(f"{frame.x(column):g},{frame.y(value, scale):g}" for column, value in known)


@dataclass(frozen=True, slots=True)
class Bar:
    """One column: what is solid from the bottom up, and what is hatched on top of it (0: nothing)."""

    x: float
    width: float
    y: float
    height: float
    more_y: float
    more_height: float


def bars(solid: Sequence[Value], more: Sequence[Value], frame: Frame, scale: Scale) -> list[Bar]:
    gap = 1 if frame.width > 3 else 0.4
    width = round(frame.width - gap, 1)
    return [
        _bar(frame.x(column), width, one, other or 0, frame, scale)
        for column, (one, other) in enumerate(zip(solid, more, strict=True))
        if one is not None and (one or other)
    ]


def _bar(x: float, width: float, solid: float, more: float, frame: Frame, scale: Scale) -> Bar:
    y, top = frame.y(solid, scale), frame.y(solid + more, scale)
    return Bar(x, width, y, round(frame.bottom - y, 1), top, round(y - top, 1))
