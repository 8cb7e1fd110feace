"""`make demo`: the simulator and Earshot side by side on this machine, a call centre's morning going on."""

import argparse
import contextlib
import fcntl
import ipaddress
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.running import (  # noqa: E402
    CONNECTION_ID,
    PASSWORD,
    answers,
    end_on_signals,
    public_key,
)

FOLDER = ROOT / ".demo"
HOST = "127.0.0.1"
ACCOUNTS = tuple(f"{who}@earshot.example" for who in ("supervisor", "sales", "agent", "admin"))
START_SECONDS = 30.0
STOP_SECONDS = 12.0

WORDS = """
  Earshot is at    {url}
  Sign in as       {accounts}
  Password         {password}

  To try: open the floor as the supervisor and watch callers arrive; select a conference and press
  L to listen, W to whisper to its agent, B to barge in, X to leave, R to record it; a phone of the
  simulator's is yours, and {simulator}/_simulator/hearing tells who hears whom.
  Open a second browser, as sales@, and see it change there.
  As the agent you have your own calls: sign in beside the supervisor, raise your hand, and watch the row.
  The admin also has {url}admin/. Two wallboards hang at {url}wallboards/, for a big screen.
  One without signing in: open {screen} there, once, within ten minutes.
  The simulator tells what was asked of it at {simulator}/_simulator/requests

  Logs are in {folder}. Ctrl-C ends everything.
"""


class Trouble(Exception):
    """The demo cannot go on; the message says why and what to do."""


def main() -> int:
    options = _options()
    end_on_signals()
    try:
        refuse_strangers(options.host, os.environ)
        with Demo(options.port, options.sim_port, options.folder, options.seed) as demo:
            demo.start()
            print(_words(demo), flush=True)
            demo.wait_until_one_ends()
    except KeyboardInterrupt:
        print("\nThe demo has ended.")
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="Earshot's port")
    parser.add_argument("--sim-port", type=int, default=9001, help="the simulator's port")
    parser.add_argument("--host", default=HOST, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for its database and logs")
    parser.add_argument("--seed", type=int, help="the same seed, the same morning")
    return parser.parse_args()


def _words(demo: "Demo") -> str:
    return WORDS.format(
        url=demo.url,
        accounts=", ".join(ACCOUNTS),
        screen=demo.screen,
        password=PASSWORD,
        simulator=demo.simulator_url,
        folder=demo.folder,
    )


# --- what it refuses -------------------------------------------------------------------------------------
def refuse_strangers(host: str, environment: Mapping[str, str]) -> None:
    """A demo has a known password: it serves nobody else, and asks no real Telnyx."""
    if not _is_loopback(host):
        raise Trouble(f"The demo listens on this machine only, not on {host}.")
    telnyx = environment.get("TELNYX_BASE_URL", "")
    if telnyx and not _is_loopback(urlsplit(telnyx).hostname or ""):
        raise Trouble(
            f"TELNYX_BASE_URL is {telnyx}, and the demo speaks with its own simulator only. "
            "Unset it for the demo; docs/settings.md tells how to run Earshot for real."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """A second demo would take the first one's database away."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Trouble(f"A demo is running in {folder} already: end it first (Ctrl-C).") from None
        yield


# --- the two processes -------------------------------------------------------------------------------------
class Demo:
    """The simulator and Earshot. Leaving it ends both, by their own process ids."""

    def __init__(self, port: int, simulator_port: int, folder: Path, seed: int | None = None) -> None:
        self.port, self.simulator_port, self.folder, self.seed = port, simulator_port, folder, seed
        self.url = f"http://{HOST}:{port}/"
        self.simulator_url = f"http://{HOST}:{simulator_port}"
        self.screen = ""
        self._secret_key = secrets.token_urlsafe(50)
        self._alone = only_one(folder)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Demo":
        self._alone.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            process.kill()
            process.wait()
        self._alone.__exit__(None, None, None)

    def start(self) -> None:
        """Returns when both answer and calls come in. The database is fresh: the simulator forgets too."""
        _check_port("PORT", self.port)
        _check_port("SIM_PORT", self.simulator_port)
        _empty(self.folder)
        print("Making the demo's database", flush=True)
        self._start_simulator()
        self._manage("migrate", "--verbosity", "0")
        self._wait_until("simulator", lambda: bool(self._public_key()))
        link = self._manage("demo_data", "--simulator", self.simulator_url, "--password", PASSWORD)
        self.screen = self.url + link.strip().lstrip("/")
        self._start("serve", ["manage.py", "serve", "--host", HOST, "--port", str(self.port)])
        self._wait_until("serve", lambda: answers(f"{self.url}readyz"))
        httpx.post(f"{self.simulator_url}/_simulator/traffic", json={"running": True}).raise_for_status()

    def wait_until_one_ends(self) -> None:
        while True:
            for name in self._processes:
                self._check(name)
            time.sleep(0.3)

    def _start_simulator(self) -> None:
        command = ["-m", "simulator", "--port", str(self.simulator_port), "--connection-id", CONNECTION_ID]
        command += ["--no-traffic", "--webhook-url", f"{self.url}webhooks/telnyx"]
        command += ["--seed", str(self.seed)] if self.seed is not None else []
        self._start("simulator", command)

    def _environment(self) -> Mapping[str, str]:
        """Every setting is given, so that neither a .env nor the shell's own reaches the demo."""
        return os.environ | {
            "SECRET_KEY": self._secret_key,
            "DATABASE_URL": f"sqlite:///{self.folder.resolve() / 'earshot.sqlite3'}",
            "REDIS_URL": "",
            "TELNYX_API_KEY": "KEY-of-the-demo",
            "TELNYX_PUBLIC_KEY": self._public_key(),
            "TELNYX_BASE_URL": f"{self.simulator_url}/v2",
            "TELNYX_CONNECTION_ID": CONNECTION_ID,
            "TELNYX_FROM_NUMBER": "+13125550100",
            "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
            "TRUSTED_ORIGINS": "",
            "HTTPS": "0",
            "REQUIRE_SECOND_FACTOR": "0",
            "TRUSTED_PROXIES": "0",
            "DJANGO_SETTINGS_MODULE": "supervisor_site.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def _public_key(self) -> str:
        return public_key(self._log("simulator").read_text())

    def _start(self, name: str, arguments: list[str]) -> None:
        environment = self._environment() if name == "serve" else os.environ
        # A session of its own: the terminal's Ctrl-C comes to us alone, and we end them in order.
        with self._log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _manage(self, *arguments: str) -> str:
        """What it printed."""
        command = [sys.executable, "manage.py", *arguments, "--skip-checks"]  # `serve` makes them all
        done = subprocess.run(command, cwd=ROOT, env=self._environment(), capture_output=True, text=True)
        if done.returncode:
            raise Trouble(f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}".rstrip())
        return done.stdout

    def _wait_until(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            self._check(name)
            if time.monotonic() > deadline:
                raise Trouble(f"{name} does not answer after {START_SECONDS:.0f} s.{self._last_lines(name)}")
            time.sleep(0.1)

    def _check(self, name: str) -> None:
        code = self._processes[name].poll()
        if code is not None:
            raise Trouble(f"{name} has ended by itself (exit code {code}).{self._last_lines(name)}")

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _last_lines(self, name: str) -> str:
        lines = self._log(name).read_text(errors="replace").splitlines()[-8:]
        return "".join(f"\n  {line}" for line in [f"Its last lines, of {self._log(name)}:", *lines])


def _check_port(variable: str, port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except (OSError, OverflowError):
            example = f"make demo {variable}={port + 10 if port < 65000 else 8010}"
            raise Trouble(f"Port {port} cannot be used on {HOST}; choose another: {example}") from None


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != "lock":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    sys.exit(main())
