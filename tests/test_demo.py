"""`make demo`: it starts, moves, ends as a whole, and refuses in one sentence what it must not do."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.demo import sees_a_call
from tests.support.environment import ROOT
from tests.support.processes import Process, free_port
from tests.support.waiting import eventually

Start = Callable[..., Process]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Start]:
    """Starts the demo as `make demo` does, in a folder of its own; ends what is left of it."""
    started: list[Process] = []

    def start(port: int = 0, sim_port: int = 0, *more: str, **environment: str) -> Process:
        command = [sys.executable, "scripts/demo.py", "--folder", str(tmp_path / "demo"), "--seed", "7"]
        command += ["--port", str(port or free_port()), "--sim-port", str(sim_port or free_port()), *more]
        clean = {name: text for name, text in os.environ.items() if not name.startswith("TELNYX_")}
        started.append(Process(command, tmp_path / f"{len(started)}.out", clean | environment, folder=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.end(within=60)


def last_words(process: Process) -> str:
    """What a demo that refuses to start says: one sentence or two, never a traceback."""
    eventually(lambda: process.exit_code is not None, within=15)
    assert process.exit_code == 1
    assert "Traceback" not in process.output()
    return process.output().strip()


def is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def test_it_moves_and_ends_with_ctrl_c_and_starts_again(demo: Start) -> None:
    ports = free_port(), free_port()
    first = moving(demo, *ports)
    first.send(signal.SIGINT)
    eventually(lambda: first.exit_code == 0, within=15)
    assert "The demo has ended." in first.output()
    assert all(map(is_free, ports))

    second = moving(demo, *ports)
    end_simulator(ports[1])
    assert "simulator has ended by itself" in last_words(second)
    assert all(map(is_free, ports))


def test_an_impatient_ctrl_c_leaves_nothing_behind(demo: Start) -> None:
    ports = free_port(), free_port()
    process = demo(*ports)
    process.wait_until(lambda: "Ctrl-C ends everything" in process.output(), 60)
    for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # of one kind a process sees only one
        process.send(which)
    eventually(lambda: process.exit_code == 0, within=60)
    assert all(map(is_free, ports))


def moving(demo: Start, port: int, sim_port: int) -> Process:
    """Returns once somebody who signed in with what the demo printed sees a conference."""
    process = demo(port, sim_port)
    with closing(sees_a_call(process, port)) as browser:
        assert "Front desk" in browser.get("/wallboards/").text
        assert "+1 312 555 0190" in browser.get("/floor/").text  # whom Listen calls
    return process


def end_simulator(port: int) -> None:
    """Ends the one process that listens there: the demo's own child."""
    command = f"-m\0simulator\0--port\0{port}\0".encode()
    (process,) = [path for path in Path("/proc").glob("[0-9]*/cmdline") if command in read(path)]
    os.kill(int(process.parent.name), signal.SIGKILL)


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_taken_port_is_told_with_the_variable_to_set(demo: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} cannot be used" in last_words(demo(port=port))
        assert "make demo SIM_PORT=" in last_words(demo(sim_port=port))


def test_it_serves_this_machine_only(demo: Start) -> None:
    process = demo(0, 0, "--host", "0.0.0.0")
    assert last_words(process) == "The demo listens on this machine only, not on 0.0.0.0."


def test_it_refuses_a_real_telnyx(demo: Start) -> None:
    process = demo(TELNYX_BASE_URL="https://api.telnyx.example/v2")
    assert "TELNYX_BASE_URL is https://api.telnyx.example/v2" in last_words(process)


@pytest.mark.django_db
def test_demo_accounts_are_not_made_beside_a_real_telnyx(settings: object) -> None:
    from django.core.management import CommandError, call_command

    from dashboard.models import User

    for name, url in (("TELNYX_BASE_URL", "https://api.telnyx.example/v2"), ("TELNYX_BASE_URL", "")):
        setattr(settings, name, url)
        with pytest.raises(CommandError, match="simulator on this machine only"):
            call_command("demo_data", simulator="http://127.0.0.1:9", password="x")
    assert not User.objects.exists()
