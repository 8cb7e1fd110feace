"""`python -m simulator`: what it prints, what it binds, how it ends, and a connection that is really cut."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from simulator import webhooks

HEADERS = {"authorization": "Bearer KEY"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(port: int, *more: str) -> list[str]:
    # Nobody listens on the discard port: webhooks are refused at once.
    fixed = ["--port", str(port), "--webhook-url", "http://127.0.0.1:9/", "--no-traffic"]
    return [sys.executable, "-m", "simulator", *fixed, *more]


@contextmanager
def running(port: int, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its first line; whatever happens, it is ended."""
    process = subprocess.Popen(
        command(port, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_key_serves_and_ends_at_once(how: signal.Signals) -> None:
    port = free_port()
    key = webhooks.public_key(webhooks.signing_key(5))
    with running(port, "--seed", "5") as (process, line):
        assert line == f"TELNYX_PUBLIC_KEY={key}\n"
        answer = httpx.get(f"http://127.0.0.1:{port}/v2/queues", headers=HEADERS)
        assert answer.status_code == 200
        process.send_signal(how)
        out, err = process.communicate(timeout=5)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_busy_port_is_said_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        second = subprocess.run(command(port), capture_output=True, text=True, timeout=10, check=False)
    assert second.returncode == 2
    assert second.stdout == ""
    assert second.stderr == f"Port {port} on 127.0.0.1 is taken: choose another with --port.\n"


def test_a_cut_is_a_cut_on_the_wire_and_a_hang_lasts() -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running(port), httpx.Client(base_url=address, headers=HEADERS, timeout=2) as client:
        client.post("/_simulator/faults", json={"answer": "cut_after", "count": 1})
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            client.post("/v2/queues", json={"queue_name": "Sales"})
        assert [queue["name"] for queue in client.get("/v2/queues").json()["data"]] == ["Sales"]
        client.post("/_simulator/faults", json={"answer": "hang", "count": 1})
        with pytest.raises(httpx.ReadTimeout):
            client.get("/v2/queues", timeout=0.3)
        assert client.get("/v2/queues").status_code == 200


def test_the_file_of_a_recording_comes_from_this_address() -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running(port), httpx.Client(base_url=address, headers=HEADERS, timeout=2) as client:
        order = {"from": "+13125550142", "to": "+18005550140", "queue": "Sales"}
        ccid = client.post("/_simulator/calls", json=order).json()["call_control_id"]
        created = client.post("/v2/conferences", json={"call_control_id": ccid, "name": "Sales 1"})
        path = f"/v2/conferences/{created.json()['data']['id']}/actions"
        client.post(f"{path}/record_start", json={"format": "wav"})
        client.post(f"{path}/end", json={})
        found: list[dict[str, dict[str, str]]] = []
        while not found:
            found = client.get("/v2/recordings").json()["data"]
        url = found[0]["download_urls"]["wav"]
        assert url.startswith(f"{address}/_simulator/recordings/")
        assert httpx.get(url).content.startswith(b"RIFF")


def test_a_slow_listener_costs_no_memory_and_gets_every_byte() -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running(port) as (process, _), httpx.Client(base_url=address, headers=HEADERS, timeout=5) as client:
        ccid = client.post("/_simulator/calls", json={"from": "+13125550142", "to": "+18005550140"}).json()
        order = {"call_control_id": ccid["call_control_id"], "seconds": 7200, "format": "wav"}
        recording_id = client.post("/_simulator/recordings", json=order).json()["recording_id"]
        while (found := client.get(f"/v2/recordings/{recording_id}")).status_code == 404:
            pass
        url = found.json()["data"]["download_urls"]["wav"]
        before = megabytes(process.pid)
        with httpx.stream("GET", url, timeout=5) as slow:
            # Nothing is read yet; whoever asks meanwhile is answered.
            assert all(client.get("/v2/queues").status_code == 200 for _ in range(50))
            assert megabytes(process.pid) - before < 10
            assert sum(len(piece) for piece in slow.iter_bytes()) == 44 + 7200 * 8000


def megabytes(pid: int) -> float:
    [line] = [
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")
    ]
    return int(line.split()[1]) / 1024
