"""`make bench` runs, with tiny counts, and writes sane rows. No figure is judged here."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bench import calling, cost, door, latency
from bench.__main__ import measure
from bench.posting import NotHere, address
from bench.results import BEGIN, END, Row, at_most, failed, keep, ratio_at_least, row, table
from tests.support.environment import ROOT


def test_the_door_beside_its_floor(tmp_path: Path) -> None:
    rows = door.measure("SQLite", tmp_path, door.Load(rounds=1, count=60, seconds=5, connections=4))
    assert [one.name.partition(",")[0] for one in rows] == [
        "Webhooks acknowledged",
        "Webhooks acknowledged and projected",
        "CPU per webhook with its projection",
        "Acknowledgement p50 with 4 connections",
        "Acknowledgement p99 with 4 connections",
    ]
    assert all(value(one) > 0 and one.floor and one.ratio for one in rows)
    assert value(rows[1]) <= value(rows[0]), "projected before they were acknowledged"
    assert [one.goal for one in rows] == ["≥ 0.8 ×", "", "", "", ""]


def test_from_webhook_to_socket(served: Path) -> None:
    watch = latency.Watch(viewers=4, conferences=3, rates=(200.0,), seconds=0.2, alone=2)
    first, p50, p99, acknowledged, longest = latency.measure("daphne", served, watch)
    assert 0 < value(p50) <= value(p99) < 20_000
    assert 0 < value(acknowledged) <= value(longest)
    assert first.reached is not None and p50.reached is None and p99.reached is not None


def test_from_a_press_to_calling(tmp_path: Path) -> None:
    p50, p95, beyond = calling.measure("SQLite", tmp_path, calling.Presses(3))
    assert 0 < value(p50) <= value(p95) < 20_000
    assert p50.floor and p95.floor and p50.floor < value(p50)
    assert value(beyond) < value(p95)
    assert {one.unit for one in (p50, p95, beyond)} == {"ms"}


def test_the_cost_of_an_event(tmp_path: Path) -> None:
    few, more = cost.measure(tmp_path, sizes=(1, 2), rounds=1)
    assert few.ratio == 1.0
    assert few.value == few.floor == more.floor
    assert value(more) > 0


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """A folder into which PostgreSQL's own user finds its way."""
    tmp_path.chmod(0o755)
    return tmp_path


def value(one: Row) -> float:
    assert one.value is not None, one.unit
    return one.value


def test_what_fails_is_a_row_of_its_own_and_the_others_are_measured(tmp_path: Path) -> None:
    def fails(folder: Path) -> list[Row]:
        raise RuntimeError("no such server\nand more")

    def hangs(folder: Path) -> list[Row]:
        threading.Event().wait()
        return []

    good = [row("x", [1], "/s")]
    rows = measure([("broken", fails), ("stuck", hangs), ("good", lambda folder: good)], 0.2, 60)
    assert rows == [
        Row("broken", None, "failed: no such server"),
        Row("stuck", None, "failed: not done after 0 s"),
        *good,
    ]


def test_a_run_ends_in_its_time_whatever_is_left() -> None:
    def hangs(folder: Path) -> list[Row]:
        threading.Event().wait()
        return []

    rows = measure([("one", hangs), ("two", hangs), ("three", hangs)], within=60, all_within=0.3)
    assert [one.name for one in rows] == ["one", "two", "three"]
    assert all(one.unit.startswith("failed: not done after") for one in rows)


def test_a_goal_is_reached_or_not() -> None:
    assert row("x", [9], "/s", [10], ratio_at_least(0.9)).reached
    assert row("x", [8], "/s", [10], ratio_at_least(0.9)).reached is False
    assert row("x", [8], "ms", goal=at_most(7, "ms")).reached is False
    told = [*table([row("x", [8], "ms", goal=at_most(7, "ms")), failed("y", TimeoutError("too slow"))])]
    assert told[2:] == [
        "| x | 8 ms | – | – | ≤ 7 ms | **missed** |",
        "| y | failed: too slow | – | – | – |  |",
    ]


def test_the_load_generator_stays_on_this_machine() -> None:
    assert address("http://localhost:8000/webhooks/telnyx") == ("127.0.0.1", 8000)
    for elsewhere in ("http://192.0.2.1/", "http://earshot.example/", "https://127.0.0.1/", "http:///"):
        with pytest.raises(NotHere):
            address(elsewhere)


def test_its_arguments_are_explained() -> None:
    for module in ("bench", "bench.posting", "bench.cost", "bench.script", "bench.post", "bench.watch"):
        done = subprocess.run([sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True)
        assert done.returncode == 0, done.stderr


def test_medians_and_the_rounds_own_ratios() -> None:
    assert row("x", [10, 30, 20], "/s") == Row("x", 20, "/s")
    assert row("x", [10, 30, 20], "/s", [10, 60, 80]) == Row("x", 20, "/s", 60, 0.5)


def test_the_table_is_put_between_its_marks(tmp_path: Path) -> None:
    results, document = tmp_path / "results.json", tmp_path / "page.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    for _ in range(2):
        keep([row("x", [2000], "/s", [4000])], "On a machine.", results, document)
    assert json.loads(results.read_text()) == [
        {"name": "x", "value": 2000, "unit": "/s", "floor": 4000, "ratio": 0.5}
    ]
    lines = document.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "| x | 2,000 /s | 4,000 /s | 0.50 × | – |  |" in lines
    assert "old" not in lines
