"""`make up`: PostgreSQL, Redis, two web processes, a worker and nginx on this machine, without docker.

For measuring and learning: the database is new each time, and the simulator plays Telnyx.
"""

import argparse
import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.running import CONNECTION_ID, PASSWORD, answers, end_on_signals, public_key  # noqa: E402
from tests.support.processes import Process, free_port  # noqa: E402
from tests.support.services import PostgreSQL, Redis  # noqa: E402

START_WITHIN = 120.0  # seconds, on a machine that does much else too
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
worker_processes 1;
worker_rlimit_nofile 20000;
events {{ worker_connections 10000; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream earshot {{ {servers} }}
{site}
}}
"""


class Stack:
    """Everything, each process ended by its own id on leaving. `url` is nginx's, `webs` the web processes.

    `calls_per_minute` come once traffic runs.
    """

    def __init__(self, port: int = 0, webs: int = 2, calls_per_minute: float = 8.0) -> None:
        self.port, self.web_ports = port or free_port(), [free_port() for _ in range(webs)]
        self._calls_per_minute = calls_per_minute
        self.url = f"http://127.0.0.1:{self.port}/"
        self.simulator_url = f"http://127.0.0.1:{free_port()}"
        self.webs: list[Process] = []
        self.public_key = ""
        self._secret_key = secrets.token_urlsafe(50)
        self._ending = contextlib.ExitStack()

    worker: Process

    def __enter__(self) -> Self:
        with self._ending as ending:
            self.folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="earshot-stack-")))
            self.redis = ending.enter_context(Redis())
            self.postgresql = ending.enter_context(PostgreSQL())
            self.database_url = self.postgresql.create_database("earshot")
            self._start_all()
            self._ending = ending.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.close()

    def environment(self) -> Mapping[str, str]:
        return os.environ | {
            "SECRET_KEY": self._secret_key,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis.url,
            "TELNYX_API_KEY": "KEY-of-the-stack",
            "TELNYX_PUBLIC_KEY": self.public_key,
            "TELNYX_BASE_URL": f"{self.simulator_url}/v2",
            "TELNYX_CONNECTION_ID": CONNECTION_ID,
            "TELNYX_FROM_NUMBER": "+13125550100",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "TRUSTED_ORIGINS": "",
            "HTTPS": "0",
            "REQUIRE_SECOND_FACTOR": "0",
            "TRUSTED_PROXIES": "1",
            "DJANGO_SETTINGS_MODULE": "supervisor_site.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def processes(self) -> Mapping[str, Process]:
        named = {f"web {port}": web for port, web in zip(self.web_ports, self.webs, strict=True)}
        return named | {"worker": self.worker, "nginx": self.front, "simulator": self.simulator}

    def restart_web(self, number: int, *, kill: bool = False) -> None:
        """It ends, politely or as in a crash, and starts again on its port."""
        _end(self.webs[number], kill)
        self.webs[number] = self._start_web(self.web_ports[number])

    def restart_worker(self, *, kill: bool = False) -> None:
        _end(self.worker, kill)
        self.worker = self._start_worker()

    def _start_all(self) -> None:
        self.simulator = self._python("simulator", *self._simulator_arguments())
        self.simulator.wait_until(lambda: bool(public_key(self.simulator.output())), START_WITHIN)
        self.public_key = public_key(self.simulator.output())
        self._manage("migrate", "--verbosity", "0")
        self._manage("demo_data", "--simulator", self.simulator_url, "--password", PASSWORD)
        self.webs = [self._start_web(port) for port in self.web_ports]
        self.worker = self._start_worker()
        self.front = self._start_front()

    def _simulator_arguments(self) -> Sequence[str]:
        port = self.simulator_url.rpartition(":")[2]
        words = ["-m", "simulator", "--port", port, "--connection-id", CONNECTION_ID, "--no-traffic"]
        words += ["--calls-per-minute", str(self._calls_per_minute)]
        return [*words, "--webhook-url", f"{self.url}webhooks/telnyx"]

    def _start_web(self, port: int) -> Process:
        web = self._python(f"web-{port}", "manage.py", "serve", "--port", str(port))
        web.wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), START_WITHIN)
        return web

    def _start_worker(self) -> Process:
        return self._python("worker", "manage.py", "run_worker")

    def _start_front(self) -> Process:
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        front = self._start_nginx(nginx) if nginx else self._start_balancer()
        front.wait_until(lambda: answers(f"{self.url}readyz"), START_WITHIN)
        return front

    def _start_balancer(self) -> Process:
        return self._python("balancer", "scripts/balancer.py", *map(str, [self.port, *self.web_ports]))

    def _start_nginx(self, nginx: str) -> Process:
        site = (ROOT / "deploy" / "nginx-earshot.conf").read_text()
        servers = "".join(f"server 127.0.0.1:{port} max_fails=0; " for port in self.web_ports)
        path = self.folder / "nginx.conf"
        site = site.replace("EARSHOT_LISTEN", f"127.0.0.1:{self.port}")
        path.write_text(NGINX.format(folder=self.folder, servers=servers, site=site))
        return self._run("nginx", [nginx, "-c", str(path), "-p", str(self.folder)])

    def _manage(self, *arguments: str) -> None:
        command = self._python(arguments[0], "manage.py", *arguments)
        command.wait_until(lambda: command.exit_code == 0, START_WITHIN)

    def _python(self, name: str, *arguments: str) -> Process:
        return self._run(name, [sys.executable, *arguments])

    def _run(self, name: str, command: Sequence[str]) -> Process:
        process = Process(command, self.folder / f"{name}.log", self.environment(), folder=ROOT)
        self._ending.callback(process.end)
        return process


def _end(process: Process, kill: bool) -> None:
    if kill:
        process.kill()
    else:
        process.end()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="nginx's port")
    end_on_signals()
    with contextlib.suppress(KeyboardInterrupt), Stack(parser.parse_args().port) as stack:
        httpx.post(f"{stack.simulator_url}/_simulator/traffic", json={"running": True}).raise_for_status()
        print(f"Earshot is at {stack.url} (supervisor@earshot.example, {PASSWORD}); logs in {stack.folder}.")
        print("Ctrl-C ends everything.", flush=True)
        while all(process.exit_code is None for process in stack.processes().values()):
            time.sleep(0.3)
        print("One of the processes has ended by itself.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
