"""Makes .venv and installs hash-pinned requirements, named on the command line.

Quick when there is nothing to do. Uses the standard library alone, and no syntax that an older Python cannot
read: it is this file that has to say that the Python is too old.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
OLDEST = (3, 11)


def main(files: list[str]) -> None:
    _check_python()
    stamp = FOLDER / "installed"
    wanted = _fingerprint(files)
    if stamp.exists() and wanted in stamp.read_text().split() and _runs():
        return
    if not _runs():
        print("Making the virtual environment .venv", flush=True)
        _run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], "The virtual environment cannot be made")
    print(f"Installing {' and '.join(files)} (once; about a minute)", flush=True)
    _install(files)
    # What is in requirements-dev.txt comes on top of requirements.txt, so the latter alone holds as well.
    stamp.write_text("\n".join(_fingerprint(files[: count + 1]) for count in range(len(files))))


def _check_python() -> None:
    version = ".".join(map(str, sys.version_info[:2]))
    if sys.version_info[:2] < OLDEST:
        sys.exit(
            f"Earshot needs Python 3.11 or newer; {sys.executable} is {version}. "
            "Name another: make demo PYTHON=/path/to/python3.11"
        )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit(
            f"Python's venv module is missing. On Debian: apt-get install python3-venv (for {sys.executable})"
        )


def _runs() -> bool:
    """A .venv whose Python was upgraded or removed is made anew."""
    python = FOLDER / "bin" / "python"
    if not python.exists():
        return False
    return subprocess.run([str(python), "-c", "import pip"], capture_output=True).returncode == 0


def _install(files: list[str]) -> None:
    command = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    command += ["--disable-pip-version-check", "--no-input"]
    for file in files:
        command += ["-r", str(ROOT / file)]
    _run(command, "The requirements cannot be installed")


def _run(command: list[str], failure: str) -> None:
    code = subprocess.run(command).returncode
    if code:
        sys.exit(f"{failure} (exit code {code}): the lines above say why.")


def _fingerprint(files: list[str]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update((ROOT / file).read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:])
