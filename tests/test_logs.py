"""Lines of the log say which request, event or command they are about, for people and for programs."""

import json
import logging
import shutil
import sys
from pathlib import Path

import httpx
import pytest

from supervisor_site.logs import Json, Text
from supervisor_site.proxies import request_id
from telephony import trace
from tests.support.earshot import Prepared
from tests.support.serving import address, serving
from tests.support.waiting import eventually

FORMAT = "{levelname} {name}: {message}"


def line(words: str = "words", *, broken: bool = False) -> logging.LogRecord:
    found = None
    if broken:
        try:
            raise ValueError("on purpose")
        except ValueError:
            found = sys.exc_info()
    return logging.LogRecord("earshot.door", logging.WARNING, "door.py", 1, words, None, found)


def test_a_line_for_people() -> None:
    text = Text(FORMAT, style="{")
    assert text.format(line()) == "WARNING earshot.door: words"
    with trace.about(request="r1"), trace.about(event="e1"):
        assert text.format(line()) == "WARNING earshot.door: words [request=r1 event=e1]"
    assert text.format(line()) == "WARNING earshot.door: words"


def test_a_line_for_programs() -> None:
    with trace.about(command="c1"):
        told = json.loads(Json().format(line("“words”\nand more", broken=True)))
    assert told["message"] == "“words”\nand more"
    assert (told["level"], told["logger"], told["command"]) == ("WARNING", "earshot.door", "c1")
    assert told["trace"].endswith("ValueError: on purpose")
    assert told["at"].endswith("+00:00")
    assert "\n" not in Json().format(line("two\nlines", broken=True))


@pytest.mark.parametrize(
    ("given", "proxies", "kept"),
    [("abc-123", 1, True), ("abc-123", 0, False), ("x" * 65, 1, False), ("a b", 1, False), ("", 1, False)],
)
def test_a_requests_id_is_its_proxys_or_a_new_one(given: str, proxies: int, kept: bool) -> None:
    headers = [(b"x-request-id", given.encode())] if given else []
    found = request_id({"type": "http", "headers": headers}, proxies)
    assert (found == given) is kept
    assert found.isprintable() and 0 < len(found) <= 64


def test_a_server_writes_one_object_a_line(prepared: Prepared, tmp_path: Path) -> None:
    shutil.copy(prepared.database, tmp_path / "earshot.sqlite3")
    settings = {"LOG_FORMAT": "json", "TRUSTED_PROXIES": "1"}
    with serving(f"sqlite:///{tmp_path / 'earshot.sqlite3'}", tmp_path, **settings) as process:
        httpx.post(f"{address(process)}/webhooks/telnyx", json={}, headers={"X-Request-Id": "from-the-proxy"})

        def refused() -> list[dict[str, str]]:
            lines = [json.loads(line) for line in process.output().splitlines() if line.startswith("{")]
            return [line for line in lines if line["logger"] == "earshot.door"]

        (line,) = eventually(refused)
    assert line["message"].startswith("1 webhooks refused; the last: ")
    assert (line["level"], line["request"]) == ("WARNING", "from-the-proxy")
