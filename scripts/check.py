"""All checks of `make test`, one after another; the last line says how it went."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Two for each processor: a test waits a good part of its time for the servers and browsers that it started.
WORKERS = 2 * (os.cpu_count() or 1)
PYTEST = ["pytest", "-n", f"{WORKERS}", "-p", "no:cacheprovider", "--durations", "12"]

CHECKS: dict[str, list[str]] = {
    "formatting": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy", "."],
    "import contracts": ["lint-imports"],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    "tests": PYTEST,
    "tests on PostgreSQL": ["python", "-m", "tests.support.on_postgresql", *PYTEST, "-m", "engines"],
}


def main() -> int:
    started = time.monotonic()
    failed = [name for name, command in CHECKS.items() if not _holds(name, command)]
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    words = f"FAILED: {', '.join(failed)}" if failed else f"All {len(CHECKS)} checks passed"
    print(f"\n{words} ({minutes} min {seconds} s)", flush=True)
    return 1 if failed else 0


def _holds(name: str, command: list[str]) -> bool:
    print(f"\n=== {name}: {' '.join(command)}", flush=True)
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    environment.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    environment["PYTHONDONTWRITEBYTECODE"] = ""  # else every process compiles all sources anew
    return subprocess.run(command, cwd=ROOT, env=environment).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
