"""The small site of toy_site.py on a port, served by a real process that a test may stop and start."""

import json
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import httpx

from tests.support.environment import process_environment
from tests.support.processes import Process, free_port


class ToySite:
    """tests/support/toy_asgi.py in a process of its own, on a copy of a migrated SQLite database."""

    def __init__(self, folder: Path, migrated: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._environment = process_environment(f"sqlite:///{folder}/toy.sqlite3") | {
            "DJANGO_SETTINGS_MODULE": "tests.support.toy_settings"
        }
        shutil.copy(migrated, folder / "toy.sqlite3")
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.support.toy_asgi", str(self.port)]
        self.process = Process(command, self._folder / "log", self._environment, forked=True)
        self.process.wait_until(self._answers)

    def end(self) -> None:
        self.process.send(signal.SIGCONT)
        self.process.end()

    def get(self, path: str, **query: str) -> str:
        return httpx.get(f"{self.url}{path}?{urlencode(query)}").raise_for_status().text

    def change(self, id: str, **query: str) -> None:
        self.get("/test/change", id=id, **query)

    def presses(self) -> int:
        return int(self.get("/test/pressed"))

    def sign_in(self) -> str:
        """A session key of a new supervisor."""
        return self.get("/test/sign-in")

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = json.loads(self.get("/test/counts"))
        return found

    def kept(self) -> Counter[str]:
        """How many of what belongs to sockets is in memory, without the help of the garbage collector."""
        return Counter(json.loads(self.get("/test/kept")))

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/test/pressed").is_success
        except httpx.TransportError:
            return False
