"""`serve` and `run_worker` say in a sentence why they do not start."""

import shutil
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import websockets.sync.client

from tests.support.earshot import Prepared
from tests.support.services import PostgreSQL, Redis
from tests.support.serving import address, manage, serving
from tests.support.waiting import eventually


@pytest.fixture
def database(prepared: Prepared, tmp_path: Path) -> str:
    shutil.copy(prepared.database, tmp_path / "earshot.sqlite3")
    return f"sqlite:///{tmp_path / 'earshot.sqlite3'}"


def test_every_missing_setting_is_named_at_once(database: str) -> None:
    code, said = manage("serve", database, TELNYX_API_KEY="", TELNYX_PUBLIC_KEY="")
    assert code == 1
    assert said.startswith("CommandError: Settings are missing: TELNYX_API_KEY, TELNYX_PUBLIC_KEY.")
    assert "Traceback" not in said


def test_a_malformed_public_key_and_a_database_without_tables_are_told_together(tmp_path: Path) -> None:
    good = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
    code, said = manage("serve", f"sqlite:///{tmp_path}/new.sqlite3", TELNYX_PUBLIC_KEY=f"{good},{good[:-4]}")
    assert code == 1
    assert "TELNYX_PUBLIC_KEY: public key 2 has 30 bytes instead of 32" in said
    assert "run manage.py migrate" in said
    assert "Traceback" not in said


def test_a_database_that_does_not_answer() -> None:
    code, said = manage("serve", "sqlite:////nowhere/at/all.sqlite3")
    assert code == 1
    assert "The database does not answer" in said
    assert "Traceback" not in said


def test_a_busy_port(database: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, said = manage(f"serve --port {port}", database)
    assert code == 1
    words = "in use: end what runs there, or choose another with --port."
    assert said == f"CommandError: Port {port} on 127.0.0.1 is {words}"


def test_a_host_that_is_not_ours(database: str) -> None:
    code, said = manage("serve --host 192.0.2.1", database)
    assert code == 1
    assert said.startswith("CommandError: Cannot listen on 192.0.2.1, port 8000: ")
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["serve", "run_worker"])
def test_redis_with_sqlite_is_refused(database: str, command: str) -> None:
    code, said = manage(command, database, REDIS_URL="redis://127.0.0.1:1/0")
    assert code == 1
    assert said.startswith("CommandError: REDIS_URL is for several processes, and SQLite is for one")


def test_the_worker_alone_without_redis(database: str) -> None:
    code, said = manage("run_worker", database)
    assert (code, said) == (
        0,
        "REDIS_URL is not set: manage.py serve does the worker's work itself.",
    )


def test_a_second_server_on_one_sqlite_file_is_refused_while_the_first_lives(
    database: str, tmp_path: Path
) -> None:
    file = database.removeprefix("sqlite:///")
    with serving(database, tmp_path) as first:
        code, said = manage("serve --port 0", database)
        assert (code, said) == (1, f"CommandError: Another serve runs on {file}.")
        first.kill()
        with serving(database, tmp_path) as second:
            assert httpx.get(f"{address(second)}/readyz").text == "ok\n"


def test_a_second_server_without_redis_on_one_postgresql_is_refused(
    postgresql_server: PostgreSQL, tmp_path: Path
) -> None:
    database = postgresql_server.create_database("alone")
    assert manage("migrate --verbosity 0", database)[0] == 0
    with serving(database, tmp_path) as first:
        code, said = manage("serve --port 0", database)
        words = "Another serve runs on this database. For several, set REDIS_URL for each."
        assert (code, said) == (1, f"CommandError: {words}")
        first.kill()
        with serving(database, tmp_path) as second:
            assert httpx.get(f"{address(second)}/readyz").text == "ok\n"


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(database: str, tmp_path: Path, which: signal.Signals) -> None:
    with serving(database, tmp_path) as process:
        url = address(process)
        socket_url = url.replace("http", "ws") + "/ws/live"
        with websockets.sync.client.connect(socket_url, origin=None) as live:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                live.recv(5)
            assert closed.value.rcvd and closed.value.rcvd.code == 4403
        process.send(which)
        assert eventually(lambda: process.exit_code is not None, 10)
        assert process.exit_code == 0
        assert "Traceback" not in process.output()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def test_several_processes_with_postgresql_and_redis(
    postgresql_server: PostgreSQL, redis_server: Redis, tmp_path: Path
) -> None:
    database = postgresql_server.create_database("several_processes")
    assert manage("migrate --verbosity 0", database)[0] == 0
    settings = {"REDIS_URL": redis_server.url, "DATABASE_POOL": "4"}
    with ExitStack() as stack:
        web = stack.enter_context(serving(database, tmp_path, **settings))
        worker = stack.enter_context(serving(database, tmp_path, "run_worker", **settings))
        assert httpx.get(f"{address(web)}/readyz").text == "ok\n"
        assert worker.exit_code is None
        assert [process.end() for process in (worker, web)] == [0, 0]
