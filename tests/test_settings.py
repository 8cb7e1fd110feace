"""docs/settings.md names exactly what the code reads; a start without settings tells all that are missing."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.environment import ROOT, settings_environment

SETTINGS = ROOT / "supervisor_site" / "settings.py"
PACKAGES = ("supervisor_site", "conferences", "queues", "dashboard", "telephony")
READERS = {"text", "required", "flag", "number", "names"}


def names_read() -> set[str]:
    calls = [node for node in ast.walk(ast.parse(SETTINGS.read_text())) if isinstance(node, ast.Call)]
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in READERS
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def names_documented() -> list[str]:
    return re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)


def test_each_name_that_is_read_is_documented_once() -> None:
    assert names_documented()
    assert sorted(names_documented()) == sorted(names_read())


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (path for path in (ROOT / package).rglob("*.py") if path != SETTINGS)


def test_only_the_settings_read_the_environment() -> None:
    reading = re.compile(r"os\.getenv|os\.environ(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE\")|environ\.Env")
    assert [path for path in modules() if reading.search(path.read_text())] == []


def start(*arguments: str, **changes: str) -> str:
    """What a start with these settings says on standard error; it must fail."""
    environment = {"PATH": os.environ["PATH"], **settings_environment("sqlite://:memory:", **changes)}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    return done.stderr


def test_serve_tells_every_missing_name_in_one_message() -> None:
    said = start("serve", "--port", "0", TELNYX_API_KEY="", TELNYX_PUBLIC_KEY="")
    assert "Settings are missing: TELNYX_API_KEY, TELNYX_PUBLIC_KEY." in said
    assert "Traceback" not in said


def test_days_that_cannot_be_kept_are_refused() -> None:
    assert "COMMAND_DAYS must be 0 or at least 90" in start("migrate", COMMAND_DAYS="30")


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_nothing_starts_without_a_secret_key(command: str) -> None:
    said = start(command, SECRET_KEY="", TELNYX_API_KEY="", TELNYX_PUBLIC_KEY="")
    assert "Settings are missing: SECRET_KEY, TELNYX_API_KEY, TELNYX_PUBLIC_KEY." in said
    assert "Traceback" not in said
