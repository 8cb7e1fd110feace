"""How a queue is set: our own targets on its page, and the same commands in the admin."""

import json
from typing import Any

import httpx
import pytest

from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.pressing import press
from tests.support.waiting import eventually

ADMIN = "/admin/queues/queue/"
TARGETS = {
    "wait_target_seconds": "1:30",
    "service_level_percent": "90",
    "risk_percent": "70",
    "longest_limit_seconds": "3:00",
    "waiting_limit": "4",
    "abandoned_limit_percent": "3",
    "short_abandon_seconds": "8",
}
STORED = ", ".join(TARGETS)
_names = iter(range(1, 1000))


@pytest.fixture
def queue(earshot: Earshot) -> str:
    """A queue of its own that Earshot knows, with nobody in it."""
    name = f"Warranty {next(_names)}"
    assert press(earshot, "/queues/new", queue_name=name, max_size="50").status_code == 204
    eventually(lambda: number(earshot, name), within=12)
    return name


def number(earshot: Earshot, name: str) -> int:
    found = earshot.rows("select id from queues_queue where name = ?", name)
    return int(found[0][0]) if found else 0


def commands(earshot: Earshot, name: str) -> list[tuple[Any, ...]]:
    return earshot.rows(
        "select user_name, action, state, detail from dashboard_command where subject = ? "
        "and action <> 'new' order by created_at",
        f"queue:{name}",
    )


def says(earshot: Earshot, path: str, text: str) -> bool:
    return text in earshot.get(path, "admin").text


def shown_after(earshot: Earshot, answer: httpx.Response) -> str:
    """The page that an answer leads to, with the messages that it left."""
    cookies = {"sessionid": earshot.sessions["admin"], "messages": answer.cookies["messages"]}
    with httpx.Client(base_url=earshot.url, cookies=cookies) as client:
        return client.get(answer.headers["location"]).text


def given(**other: str) -> dict[str, str]:
    return {**TARGETS, "wait_target_seconds": "90", "longest_limit_seconds": "180", "max_size": "50", **other}


def stored(earshot: Earshot, name: str) -> list[tuple[Any, ...]]:
    return earshot.rows(f"select {STORED}, max_size from queues_queue where name = ?", name)


# --- on its page -------------------------------------------------------------------------------------
async def test_our_targets_are_changed_on_the_page(earshot: Earshot, queue: str) -> None:
    path = f"/queues/{number(earshot, queue)}/"

    def aim() -> None:
        assert press(earshot, f"{path}targets", **TARGETS).status_code == 204

    session = earshot.sessions["colleague"]
    await live_equals_reload(
        earshot.site, session, path, aim, until=lambda html: "Changed by Dana Whitfield" in html
    )
    assert stored(earshot, queue) == [(90, 90, 70, 180, 4, 3, 8, 50)]
    ((who, action, state, detail),) = commands(earshot, queue)
    assert (who, action, state) == ("Dana Whitfield", "targets", "done")
    changes: dict[str, list[int | None]]
    changes = {"wait_target_seconds": [120, 90], "service_level_percent": [80, 90]}
    changes |= {"risk_percent": [80, 70], "longest_limit_seconds": [None, 180]}
    changes |= {"waiting_limit": [6, 4], "abandoned_limit_percent": [5, 3], "short_abandon_seconds": [5, 8]}
    assert json.loads(detail) == {"changes": changes}
    aims = (
        "select since > '2000-01-01', wait_target_seconds from queues_aim where queue_id = ? order by since"
    )
    assert earshot.rows(aims, number(earshot, queue)) == [(0, 120), (1, 90)]


def test_what_changes_nothing_is_not_logged(earshot: Earshot, queue: str) -> None:
    same = dict(zip(TARGETS, ("120", "80", "80", "", "6", "5", "5"), strict=True))
    path = f"/queues/{number(earshot, queue)}/targets"
    assert press(earshot, path, **same).status_code == 204
    assert commands(earshot, queue) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("wait_target_seconds", "soon", "Wait target: Give minutes and seconds, as in 2:00, up to 24 hours."),
        ("wait_target_seconds", "0:00", "Wait target: Give minutes and seconds"),
        ("wait_target_seconds", "24:00:01", "Wait target: Give minutes and seconds"),
        ("wait_target_seconds", "", "Wait target: Give minutes and seconds"),
        ("service_level_percent", "101", "Service level target, %: Give a whole number from 1 to 100."),
        ("risk_percent", "0", "At risk from, %: Give a whole number from 1 to 100."),
        ("longest_limit_seconds", "long", "Longest wait limit: Give minutes and seconds"),
        ("short_abandon_seconds", "601", "Short abandons, seconds: Give a whole number from 0 to 600."),
        ("waiting_limit", "-1", "Waiting limit: Give a whole number from 0 to 100,000."),
    ],
)
def test_what_no_target_can_be_is_refused(
    earshot: Earshot, queue: str, field: str, value: str, words: str
) -> None:
    answer = press(earshot, f"/queues/{number(earshot, queue)}/targets", **{**TARGETS, field: value})
    assert (answer.status_code, answer.json()["title"]) == (400, "Our targets: nothing was changed.")
    assert answer.json()["text"].startswith(words)
    assert commands(earshot, queue) == []


def test_an_agent_may_not(earshot: Earshot, queue: str) -> None:
    path = f"/queues/{number(earshot, queue)}/"
    assert press(earshot, f"{path}targets", "agent", **TARGETS).status_code == 403
    assert "Our targets" not in earshot.get(path, "agent").text


# --- in the admin ------------------------------------------------------------------------------------
def test_an_admin_makes_a_queue(earshot: Earshot) -> None:
    name = f"Made {next(_names)}"
    answer = press(earshot, f"{ADMIN}add/", "admin", queue_name=name, max_size="9")
    assert (answer.status_code, answer.headers["location"]) == (302, ADMIN)
    eventually(lambda: number(earshot, name), within=12)
    assert stored(earshot, name)[0][-1] == 9
    again = press(earshot, f"{ADMIN}add/", "admin", queue_name=name)
    assert f"There is a queue {name} already." in again.text
    nameless = press(earshot, f"{ADMIN}add/", "admin", queue_name="")
    assert "Name: Give the queue a name." in nameless.text


def test_an_admin_changes_targets_and_the_limit(earshot: Earshot, queue: str) -> None:
    path = f"{ADMIN}{number(earshot, queue)}/change/"
    assert press(earshot, path, "admin", **given(max_size="7")).status_code == 302
    assert [row[1:3] for row in commands(earshot, queue)][-1] == ("targets", "done")
    (sent,) = [
        one for one in earshot.simulator.requests("/v2/queues/", "POST") if one["body"] == {"max_size": 7}
    ]
    assert sent["status"] == 200
    eventually(lambda: stored(earshot, queue) == [(90, 90, 70, 180, 4, 3, 8, 7)], within=12)
    assert {row[1] for row in commands(earshot, queue)} == {"limit", "targets"}
    assert says(earshot, f"/queues/{number(earshot, queue)}/", "Changed by ")


def test_what_telnyx_refuses_an_admin_is_told(earshot: Earshot, queue: str) -> None:
    path = f"{ADMIN}{number(earshot, queue)}/change/"
    earshot.simulator.fault("/v2/queues/", 403)
    answer = press(earshot, path, "admin", **given(max_size="8"))
    assert answer.headers["location"] == path
    assert "Most callers waiting failed: " in shown_after(earshot, answer)
    assert [row[1:3] for row in commands(earshot, queue)] == [("limit", "refused")]


def test_an_admin_deletes_an_empty_queue_at_telnyx_only(earshot: Earshot, queue: str) -> None:
    caller = earshot.simulator.call("+16175554001", queue)
    eventually(lambda: waiting(earshot, queue) == 1)
    chosen = {"action": "delete_at_telnyx", "_selected_action": str(number(earshot, queue))}
    answer = press(earshot, ADMIN, "admin", **chosen)
    assert f"1 caller waits in {queue}. Telnyx deletes only an empty queue." in shown_after(earshot, answer)
    earshot.simulator.does(caller, "hangup")
    eventually(lambda: waiting(earshot, queue) == 0)
    answer = press(earshot, ADMIN, "admin", **chosen)
    assert "Delete queue: Telnyx has it" in shown_after(earshot, answer)
    gone = "select id from queues_queue where name = ? and absent_since is not null"
    eventually(lambda: earshot.rows(gone, queue), within=15)


def test_nobody_else_gets_there(earshot: Earshot, queue: str) -> None:
    for path in (f"{ADMIN}add/", f"{ADMIN}{number(earshot, queue)}/change/", ADMIN):
        assert press(earshot, path, "supervisor", **given(queue_name="a")).status_code in {302, 403}
    assert commands(earshot, queue) == []


def waiting(earshot: Earshot, name: str) -> int:
    found = earshot.rows(
        "select id from queues_queuedcall where left_at is null and queue_id = ?", number(earshot, name)
    )
    return len(found)
