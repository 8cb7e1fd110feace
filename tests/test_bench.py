"""`make bench` runs, with tiny counts, and writes sane rows. No figure is judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import calling, cost, door, latency
from bench.posting import NotHere, address
from bench.results import BEGIN, END, Row, keep, row
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
    assert all(one.value > 0 and one.floor and one.ratio for one in rows)
    assert rows[1].value <= rows[0].value, "projected before they were acknowledged"


def test_from_webhook_to_socket(tmp_path: Path) -> None:
    rows = latency.measure("SQLite", tmp_path, latency.Watch(samples=6, rates=(50.0,), conferences=3))
    p50, p99 = rows
    assert 0 < p50.value <= p99.value < 10_000
    assert (p50.unit, p50.floor) == ("ms", None)


def test_from_a_press_to_calling(tmp_path: Path) -> None:
    p50, p95, beyond = calling.measure("SQLite", tmp_path, calling.Presses(3))
    assert 0 < p50.value <= p95.value < 20_000
    assert p50.floor and p95.floor and p50.floor < p50.value
    assert beyond.value < p95.value
    assert {one.unit for one in (p50, p95, beyond)} == {"ms"}


def test_the_cost_of_an_event(tmp_path: Path) -> None:
    few, more = cost.measure(tmp_path, sizes=(1, 2))
    assert few.ratio == 1.0
    assert few.value == few.floor == more.floor
    assert more.value > 0


def test_the_load_generator_stays_on_this_machine() -> None:
    assert address("http://localhost:8000/webhooks/telnyx") == ("127.0.0.1", 8000)
    for elsewhere in ("http://192.0.2.1/", "http://earshot.example/", "https://127.0.0.1/", "http:///"):
        with pytest.raises(NotHere):
            address(elsewhere)


def test_its_arguments_are_explained() -> None:
    for module in ("bench", "bench.posting", "bench.cost"):
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
    assert "| x | 2,000 /s | 4,000 /s | 0.50 × |" in lines
    assert "old" not in lines
