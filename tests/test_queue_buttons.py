"""Every button of a queue: press → log → one request → webhook or read → the page, pushed as reloaded."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest

from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.pressing import press
from tests.support.scene import Scene
from tests.support.waiting import eventually


@dataclass(frozen=True)
class Line:
    """A queue with one caller in it, as Earshot shows it."""

    earshot: Earshot
    name: str
    leg: str

    @property
    def pk(self) -> int:
        found = self.earshot.rows("select id from queues_queue where name = ?", self.name)
        return int(found[0][0]) if found else 0

    @property
    def address(self) -> str:
        return f"/queues/{self.pk}"

    def stay(self) -> int:
        found = self.earshot.rows(
            "select id from queues_queuedcall where call_control_id = ? and queue_id = ? and left_at is null",
            self.leg,
            self.pk,
        )
        return int(found[0][0]) if found else 0

    def of_caller(self, verb: str) -> str:
        return f"{self.address}/calls/{self.stay()}/{verb}"

    def commands(self) -> list[tuple[Any, ...]]:
        return self.earshot.rows(
            "select action, state, reason from dashboard_command where subject = ? order by created_at",
            f"queue:{self.name}",
        )

    def says(self, *words: str) -> bool:
        page = self.earshot.get(f"{self.address}/").text
        return all(text in page for text in words)

    def waits(self) -> bool:
        return self.stay() > 0

    def left(self, who: str = "supervisor") -> str:
        """Outcome and whereabouts of who left it last."""
        table = self.earshot.get(f"{self.address}/", who).text.partition("gone-table")[2]
        cells = re.findall(r"<td>(.*?)</td>", table.partition("<tbody>")[2], re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", " ".join(cells[2:4]))).split())

    def request(self, path: str, method: str = "POST") -> dict[str, Any]:
        every = self.earshot.simulator.requests(path, method)
        (found,) = [request for request in every if self.is_about(request)]
        return dict(found)

    def is_about(self, request: dict[str, Any]) -> bool:
        told = unquote(str(request))
        return self.leg in told or self.name in told


_lines = iter(range(1, 1000))


def new_line(earshot: Earshot) -> Line:
    number = next(_lines)
    name = f"Support {number}"
    line = Line(earshot, name, earshot.simulator.call(f"+16175553{number:03d}", name))
    eventually(line.waits)
    return line


@pytest.fixture
def line(earshot: Earshot) -> Line:
    return new_line(earshot)


def done(line: Line, path: str, **posted: str) -> None:
    answer = press(line.earshot, path, **posted)
    assert answer.status_code == 204, answer.text


async def guarded(line: Line, act: Callable[[], None], until: Callable[[], object]) -> None:
    def act_and_wait() -> None:
        act()
        eventually(until, within=12)

    session = line.earshot.sessions["colleague"]
    await live_equals_reload(line.earshot.site, session, f"{line.address}/", act_and_wait, within=12)


async def test_a_caller_is_moved_to_another_queue(line: Line) -> None:
    other = f"Billing of {line.name}"
    path = line.of_caller("enqueue")
    posted = {"queue_name": other, "max_size": "5", "max_wait_time_secs": "90", "keep_after_hangup": "on"}
    await guarded(line, partial(done, line, path, **posted), lambda: not line.waits())
    sent = line.request("/actions/enqueue")["body"]
    assert sent.pop("command_id")
    assert sent == {"queue_name": other, "max_size": 5, "max_wait_time_secs": 90, "keep_after_hangup": True}
    there = Line(line.earshot, other, line.leg)
    eventually(there.waits)
    eventually(lambda: line.commands() == [("enqueue", "done", "")])
    assert line.left() == f"Moved to {other} by Dana Whitfield from place 1"
    assert line.left(who="agent") == f"Moved to {other} from place 1"


async def test_a_caller_is_removed_and_hung_up(line: Line) -> None:
    await guarded(line, partial(done, line, line.of_caller("remove")), lambda: not line.waits())
    assert line.request("/actions/hangup")
    eventually(lambda: line.commands()[0][1] == "done")
    assert line.left() == "Removed by Dana Whitfield from place 1"


async def test_a_caller_who_hangs_up_was_removed_by_nobody(line: Line) -> None:
    def hangs_up() -> None:
        line.earshot.simulator.does(line.leg, "hangup")

    await guarded(line, hangs_up, lambda: not line.waits())
    assert line.left() == "Hung up while waiting from place 1"


async def test_a_caller_is_taken_out_and_the_call_goes_on(line: Line) -> None:
    await guarded(line, partial(done, line, line.of_caller("leave-queue")), lambda: not line.waits())
    assert line.request("/actions/leave_queue")
    eventually(lambda: line.commands()[0][1] == "done")
    assert line.left() == "Taken out by Dana Whitfield from place 1"


async def test_a_place_is_kept_after_hanging_up_and_then_removed(line: Line) -> None:
    keep = partial(done, line, line.of_caller("keep"), keep_after_hangup="on")
    await guarded(line, keep, lambda: line.says("checked>Keep the place after hanging up"))
    assert line.request("/calls/", "PATCH")["body"] == {"keep_after_hangup": True}
    line.earshot.simulator.does(line.leg, "hangup")
    eventually(lambda: line.says("The caller has hung up, the place is kept"), within=12)
    refused = press(line.earshot, line.of_caller("remove"))
    assert (refused.status_code, refused.json()["title"]) == (409, "This caller has hung up.")
    await guarded(line, partial(done, line, line.of_caller("remove-inactive")), lambda: not line.waits())
    assert line.request("/calls/", "DELETE")["status"] == 204


def test_an_inactive_call_is_not_removed_while_it_lives(line: Line) -> None:
    answer = press(line.earshot, line.of_caller("remove-inactive"))
    assert (answer.status_code, answer.json()["title"]) == (409, "This caller has not hung up.")


async def test_a_caller_is_taken_into_a_new_conference(line: Line) -> None:
    name = f"Conference of {line.name}"
    options = {
        "name": name,
        "beep_enabled": "on_enter",
        "silent": "on",
        "duration_minutes": "30",
        "max_participants": "5",
        "start_later": "on",
        "music": "hold-music",
        "region": "US",
    }
    await guarded(line, partial(done, line, line.of_caller("create"), **options), lambda: not line.waits())
    sent = line.request("/v2/conferences")["body"]
    assert sent.pop("command_id")
    assert sent == {
        "call_control_id": line.leg,
        "name": name,
        "beep_enabled": "on_enter",
        "comfort_noise": False,
        "duration_minutes": 30,
        "max_participants": 5,
        "start_conference_on_create": False,
        "hold_media_name": "hold-music",
        "region": "US",
    }
    floor = line.earshot.get("/api/floor").json()
    assert name in {conference["name"] for conference in floor["conferences"]}


async def test_a_caller_is_taken_into_a_live_conference(line: Line, scene: Scene) -> None:
    assert scene.id in line.earshot.get("/conferences/live").text
    path = line.of_caller("join")
    switches = {
        "mute": True,
        "hold": True,
        "start_conference_on_enter": True,
        "end_conference_on_exit": True,
        "soft_end_conference_on_exit": True,
    }
    chosen = {"supervisor_role": "barge", "beep_enabled": "never", "region": "US"}
    options = {"conference": scene.id, "music": "hold-music", **chosen, **dict.fromkeys(switches, "on")}
    await guarded(line, partial(done, line, path, **options), lambda: not line.waits())
    sent = line.request("/actions/join")["body"]
    assert sent.pop("command_id")
    assert sent == {"call_control_id": line.leg, "hold_media_name": "hold-music", **chosen, **switches}
    eventually(lambda: scene.state(line.leg).get("muted"))
    eventually(lambda: line.commands() == [("join", "done", "")])


def test_a_conference_takes_somebody_in(line: Line, scene: Scene) -> None:
    key = f"{line.pk}:{line.stay()}"
    assert f'value="{key}"' in line.earshot.get("/queues/candidates").text
    done(line, f"{scene.address}/take", caller=key)
    eventually(lambda: scene.state(line.leg))


def test_somebody_of_a_conference_is_sent_to_a_queue(line: Line, scene: Scene) -> None:
    done(line, scene.of_person(scene.caller, "enqueue"), queue_name=line.name)
    eventually(lambda: not scene.state(scene.caller))
    eventually(Line(line.earshot, line.name, scene.caller).waits)
    eventually(lambda: scene.commands()[0][3] == "done")


async def test_how_many_may_wait_is_changed(line: Line) -> None:
    limit = partial(done, line, f"{line.address}/limit", max_size="7")
    await guarded(line, limit, lambda: line.says('value="7"'))
    assert line.request("/v2/queues/")["body"] == {"max_size": 7}
    eventually(lambda: line.commands() == [("limit", "done", "")], within=12)


def test_a_queue_that_is_full_says_so(line: Line) -> None:
    done(line, f"{line.address}/limit", max_size="1")
    eventually(lambda: line.says('value="1"'), within=12)
    other = new_line(line.earshot)
    done(other, other.of_caller("enqueue"), queue_name=line.name)
    eventually(lambda: other.commands()[0][1] == "refused")
    assert other.waits()
    assert other.says("Move failed: ")


def test_a_queue_is_deleted_only_when_it_is_empty(line: Line) -> None:
    answer = press(line.earshot, f"{line.address}/delete")
    assert (answer.status_code, answer.json()["title"]) == (409, f"1 caller waits in {line.name}.")
    assert not [one for one in line.earshot.simulator.requests("/queues/", "DELETE") if line.is_about(one)]
    done(line, line.of_caller("remove"))
    eventually(lambda: not line.waits())
    done(line, f"{line.address}/delete")
    eventually(lambda: line.says("Telnyx has no such queue now"), within=15)
    assert line.commands()[-1][:2] == ("delete", "done")


def test_a_queue_is_made(line: Line) -> None:
    name = f"New {line.name}"
    done(line, "/queues/new", queue_name=name, max_size="9")
    eventually(lambda: name in line.earshot.get("/queues/").text, within=12)
    assert Line(line.earshot, name, "nobody").says('value="9"')
    again = press(line.earshot, "/queues/new", queue_name=name)
    assert (again.status_code, again.json()["title"]) == (409, f"There is a queue {name} already.")


@pytest.mark.parametrize(
    ("verb", "posted", "words"),
    [
        ("enqueue", {}, "Queue: Name a queue."),
        (
            "enqueue",
            {"queue_name": "a", "max_wait_time_secs": "0"},
            "Longest wait, seconds: Give a whole number",
        ),
        ("create", {}, "Name: Give the conference a name."),
        (
            "create",
            {"name": "a", "max_participants": "801"},
            "Most people: Give a whole number from 2 to 800.",
        ),
        (
            "create",
            {"name": "a", "music": "m"},
            "Hold music is heard only while a conference waits to start.",
        ),
        ("join", {}, "Nothing was sent."),
        ("join", {"conference": "gone"}, "There is none of that name. Nothing was sent."),
        ("call-agent", {}, "Nobody was called."),
        ("call-agent", {"agent": "x"}, "There is none of that name. Nothing was sent."),
    ],
)
def test_what_telnyx_would_refuse_is_refused_before(
    line: Line, verb: str, posted: dict[str, str], words: str
) -> None:
    answer = press(line.earshot, line.of_caller(verb), **posted)
    assert answer.status_code in {400, 404}
    assert answer.json()["text"].startswith(words)
    assert not line.commands()


def test_a_caller_who_left_is_not_acted_on(line: Line) -> None:
    path = line.of_caller("remove")
    line.earshot.simulator.does(line.leg, "hangup")
    eventually(lambda: not line.waits())
    assert press(line.earshot, path).json()["title"] == "This caller waits no more."


def test_telnyx_itself_is_asked(line: Line) -> None:
    assert "Average wait" in line.earshot.get(f"{line.address}/at-telnyx").text
    assert "<dt>Place</dt><dd>1</dd>" in line.earshot.get(line.of_caller("at-telnyx")).text
    line.earshot.simulator.fault("/calls/", 403, method="GET")
    answer = line.earshot.get(line.of_caller("at-telnyx"))
    assert (answer.status_code, answer.json()["title"]) == (502, "Telnyx does not say.")


@pytest.mark.parametrize("verb", ["enqueue", "join", "create", "leave-queue", "remove", "keep"])
def test_an_agent_sees_the_queue_and_may_do_nothing(line: Line, verb: str) -> None:
    posted = {"queue_name": "a", "name": "a"}
    assert press(line.earshot, line.of_caller(verb), "agent", **posted).status_code == 403
    for path in ("/limit", "/delete"):
        assert press(line.earshot, line.address + path, "agent", max_size="3").status_code == 403
    assert press(line.earshot, "/queues/new", "agent", queue_name="a").status_code == 403
    assert not line.commands()


async def test_the_selected_are_moved_one_command_each(line: Line) -> None:
    other = Line(line.earshot, line.name, line.earshot.simulator.call("+16175554999", line.name))
    eventually(other.waits)
    path, gone = f"{line.address}/selected/enqueue", f"Others of {line.name}"
    calls = [str(line.stay()), str(other.stay())]

    def act() -> None:
        data: dict[str, Any] = {"call": calls, "queue_name": gone}
        answer = press(line.earshot, path, **data)
        assert answer.status_code == 204, answer.text

    await guarded(line, act, lambda: not line.waits() and not other.waits())
    eventually(lambda: line.commands() == [("enqueue", "done", "")] * 2)
    data: dict[str, Any] = {"call": calls}
    refused = press(line.earshot, f"{line.address}/selected/remove", **data)
    assert (refused.status_code, refused.json()["title"]) == (409, "Not sent for 2 of 2.")
