"""Recordings played, sought, downloaded and deleted on a running Earshot with a simulator beside it."""

import csv
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.earshot import Earshot
from tests.support.pressing import press
from tests.support.waiting import eventually

CALLER, AGENT = "+16175550188", "+13125550147"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def conference(earshot: Earshot) -> str:
    return earshot.simulator.conference("Claims 3307", CALLER, AGENT)[0]


def planted(
    earshot: Earshot, conference: str, minutes: float, form: str = "mp3", channels: str = "single"
) -> int:
    """The row of a recording that ended just now, once its webhook has arrived."""
    about = {"seconds": minutes * 60, "conference_id": conference, "format": form, "channels": channels}
    made = httpx.post(f"{earshot.simulator.url}/_simulator/recordings", json=about).json()["recording_id"]
    query = "select id from recordings_recording where recording_id = ?"
    return int(eventually(lambda: earshot.rows(query, made))[0][0])


def play(earshot: Earshot, pk: int, what: str = "play", who: str = "supervisor") -> str:
    answer = press(earshot, f"/recordings/{pk}/{what}", who=who)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["audio"])


def heard(earshot: Earshot, pk: int) -> int:
    return len(log(earshot, pk, "play-recording", "download-recording"))


def log(earshot: Earshot, pk: int, *actions: str) -> list[tuple[Any, ...]]:
    (recording_id,) = earshot.rows("select recording_id from recordings_recording where id = ?", pk)[0]
    wanted = ", ".join("?" * len(actions))
    query = "select user_name, action, state, reason from dashboard_command where subject = ?"
    query += f" and action in ({wanted})"
    return earshot.rows(query, f"recording:{recording_id}", *actions)


def ask(
    earshot: Earshot, path: str, method: str = "GET", who: str = "supervisor", **headers: str
) -> httpx.Response:
    cookies = {"sessionid": earshot.sessions[who]} if who else {}
    with httpx.Client(base_url=earshot.url, cookies=cookies, timeout=30) as client:
        return client.request(method, path, headers=headers)


@contextmanager
def links_for(earshot: Earshot, seconds: float) -> Iterator[None]:
    httpx.post(f"{earshot.simulator.url}/_simulator/links", json={"seconds": seconds}).raise_for_status()
    yield
    earshot.simulator.no_faults()


# --- hearing it --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("minutes", "form"), [(1, "mp3"), (1, "wav"), (10, "mp3"), (120, "wav")])
def test_it_plays_seeks_and_downloads(earshot: Earshot, conference: str, minutes: int, form: str) -> None:
    pk = planted(earshot, conference, minutes, form)
    audio = play(earshot, pk)
    head = ask(earshot, audio, "HEAD")
    total = int(head.headers["content-length"])
    assert (head.status_code, head.content, head.headers["accept-ranges"]) == (200, b"", "bytes")
    whole = ask(earshot, audio, Range="bytes=0-")
    assert (whole.status_code, len(whole.content)) == (206, total)
    assert whole.headers["content-range"] == f"bytes 0-{total - 1}/{total}"
    assert whole.headers["content-type"] == {"mp3": "audio/mpeg", "wav": "audio/wav"}[form]
    for first, last in ((0, 99), (total // 2, total // 2 + 65_535), (total - 10, total - 1)):
        part = ask(earshot, audio, Range=f"bytes={first}-{last}")
        assert (part.status_code, part.content) == (206, whole.content[first : last + 1])
    assert ask(earshot, audio, Range="bytes=-7").content == whole.content[-7:]
    assert heard(earshot, pk) == 1
    file = ask(earshot, play(earshot, pk, "download"))
    assert (file.status_code, file.content) == (200, whole.content)
    assert file.headers["content-disposition"].startswith('attachment; filename="Claims_3307_')
    assert heard(earshot, pk) == 2


def test_what_is_beyond_the_end_is_416(earshot: Earshot, conference: str) -> None:
    audio = play(earshot, planted(earshot, conference, 1))
    total = int(ask(earshot, audio, "HEAD").headers["content-length"])
    answer = ask(earshot, audio, Range=f"bytes={total}-")
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{total}")


def test_the_log_is_written_before_the_sound_starts(earshot: Earshot, conference: str) -> None:
    pk = planted(earshot, conference, 1)
    audio = play(earshot, pk)
    assert log(earshot, pk, "play-recording") == [("Dana Whitfield", "play-recording", "done", "")]
    assert "Dana Whitfield" in earshot.get("/recordings/").text
    for _ in range(5):
        ask(earshot, audio, Range="bytes=0-9")
    assert heard(earshot, pk) == 1


def test_a_link_that_expired_is_renewed_without_a_word(earshot: Earshot, conference: str) -> None:
    pk = planted(earshot, conference, 1)
    with links_for(earshot, 0):
        audio = play(earshot, pk)
    assert ask(earshot, audio, Range="bytes=0-99").status_code == 206
    assert heard(earshot, pk) == 1


def test_a_long_one_is_passed_on_in_constant_memory(earshot: Earshot, conference: str) -> None:
    """Somebody who does not read must not fill the server's memory: 115 MB wait for them."""
    pk = planted(earshot, conference, 120, "wav", "dual")
    audio = play(earshot, pk)
    before = resident(earshot)
    readers = [slow_reader(earshot, audio) for _ in range(3)]
    try:
        for reader in readers:
            assert reader.recv(12) == b"HTTP/1.1 200"
        # Long enough for what would be buffered to be buffered: other pages are served meanwhile.
        for _ in range(10):
            assert ask(earshot, "/queues/").status_code == 200
        assert resident(earshot) - before < 24 * MIB
    finally:
        for reader in readers:
            reader.close()


def resident(earshot: Earshot) -> int:
    """Bytes of the server's memory."""
    status = Path(f"/proc/{earshot.server.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def slow_reader(earshot: Earshot, path: str) -> socket.socket:
    reader = socket.create_connection(("127.0.0.1", earshot.port), timeout=10)
    cookie = f"sessionid={earshot.sessions['supervisor']}"
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
    return reader


# --- who may -----------------------------------------------------------------------------------------
def test_rights(earshot: Earshot, conference: str) -> None:
    pk = planted(earshot, conference, 1)
    for who, status in (("", 401), ("agent", 403), ("stranger", 403)):
        for what in ("play", "download", "delete"):
            assert press(earshot, f"/recordings/{pk}/{what}", who=who).status_code == status
    reason = {"reason": "the caller asked for it"}
    assert press(earshot, f"/recordings/{pk}/delete", who="supervisor", **reason).status_code == 403
    audio = play(earshot, pk)
    for who, status in (("", 401), ("agent", 403), ("colleague", 403), ("supervisor", 200)):
        assert ask(earshot, audio, who=who).status_code == status
    other = planted(earshot, conference, 1)
    assert ask(earshot, audio.replace(f"/{pk}/", f"/{other}/")).status_code == 403
    assert heard(earshot, pk) == 1


# --- what Telnyx has not, and what is deleted --------------------------------------------------------
def test_one_that_telnyx_no_longer_has(earshot: Earshot, conference: str) -> None:
    pk = planted(earshot, conference, 1)
    (recording_id,) = earshot.rows("select recording_id from recordings_recording where id = ?", pk)[0]
    key = {"authorization": "Bearer KEY-of-the-tests"}
    httpx.delete(f"{earshot.simulator.url}/v2/recordings/{recording_id}", headers=key).raise_for_status()
    answer = press(earshot, f"/recordings/{pk}/play")
    assert (answer.status_code, answer.json()) == (
        404,
        {"title": "Telnyx no longer has this recording (404)", "text": "It was not deleted by Earshot."},
    )
    assert log(earshot, pk, "play-recording")[0][2:] == (
        "refused",
        "Telnyx no longer has this recording (404)",
    )
    gone = "select 1 from recordings_recording where id = ? and gone_at is not null and plays = 0"
    eventually(lambda: earshot.rows(gone, pk))


def test_a_deletion_needs_a_reason(earshot: Earshot, conference: str) -> None:
    pk = planted(earshot, conference, 1)
    for told in ({}, {"reason": "because"}, {"reason": "something else", "words": "  "}):
        assert press(earshot, f"/recordings/{pk}/delete", who="admin", **told).status_code == 400
    assert not log(earshot, pk, "delete-recording")


@pytest.mark.parametrize("fault", [None, "cut_after", "503"])
def test_a_deletion_is_done_also_when_its_answer_is_lost(
    earshot: Earshot, conference: str, fault: str | None
) -> None:
    pk = planted(earshot, conference, 1)
    audio = play(earshot, pk)
    if fault:
        lost = {"match": {"method": "DELETE", "path_contains": "/recordings/"}, "answer": fault, "count": 1}
        httpx.post(f"{earshot.simulator.url}/_simulator/faults", json=lost).raise_for_status()
    told = {"reason": "the caller asked for it", "words": "by letter"}
    assert press(earshot, f"/recordings/{pk}/delete", who="admin", **told).status_code == 204
    deleted = (
        "select deleted_by, deleted_because from recordings_recording where id = ? and deleted_at is not null"
    )
    assert eventually(lambda: earshot.rows(deleted, pk)) == [
        ("Ruth Adeyemi", "the caller asked for it: by letter")
    ]
    assert [row[2] for row in log(earshot, pk, "delete-recording")] == ["accepted"]
    assert "Deleted by Ruth Adeyemi" in earshot.get("/recordings/?tab=deleted").text
    assert ask(earshot, audio).status_code == 409
    assert press(earshot, f"/recordings/{pk}/play").status_code == 409


# --- the list as a file ------------------------------------------------------------------------------
def test_the_list_is_exported_as_filtered_and_that_is_logged(earshot: Earshot, conference: str) -> None:
    earshot.simulator.conference("=2+5", CALLER)
    danger = earshot.simulator.conference("=HYPERLINK(1)", CALLER)[0]
    named = "select 1 from conferences_conference where id = ? and name <> ''"
    eventually(lambda: earshot.rows(named, danger))
    planted(earshot, danger, 1)
    answer = press(earshot, "/recordings/list.csv?conference=HYPERLINK")
    head, *rows = list(csv.reader(io.StringIO(answer.text)))
    assert (head[0], len(rows)) == ("Conference", 1)
    assert rows[0][0] == "'=HYPERLINK(1)"
    assert rows[0][head.index("Others")] == "'+1 617 ••• 0188"
    assert "617555" not in answer.text
    exported = "select detail from dashboard_command where action = 'export-recordings'"
    assert '"rows": 1' in earshot.rows(exported)[-1][0]
    assert press(earshot, "/recordings/list.csv", who="agent").status_code == 403
