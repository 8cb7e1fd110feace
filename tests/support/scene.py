"""A live conference of an agent and a caller in a running Earshot, and buttons pressed in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.pressing import person, press
from tests.support.waiting import eventually

FLOOR = "/floor/"


@dataclass(frozen=True)
class Scene:
    """A live conference of an agent and a caller, as Earshot shows it."""

    earshot: Earshot
    id: str
    name: str
    agent: str
    caller: str

    @property
    def address(self) -> str:
        return f"/conferences/{self.id}"

    def of_person(self, leg: str, verb: str) -> str:
        return f"{self.address}/people/{person(self.earshot, leg)}/{verb}"

    def shown(self) -> dict[str, Any]:
        floor = self.earshot.get("/api/floor").json()
        return next((found for found in floor["conferences"] if found["id"] == self.id), {})

    def state(self, leg: str) -> dict[str, Any]:
        people = self.shown().get("participants", [])
        return next((found for found in people if found["call_control_id"] == leg), {})

    def commands(self) -> list[tuple[Any, ...]]:
        return self.earshot.rows(
            "select user_name, action, target, state, reason from dashboard_command "
            "where subject = ? order by created_at",
            f"conference:{self.id}",
        )

    def requests(self, path: str) -> list[dict[str, Any]]:
        return [
            r for r in self.earshot.simulator.requests(path) if self.id in r["path"] or self.caller in str(r)
        ]


_scenes = iter(range(1, 1000))


def set_scene(earshot: Earshot, agent_number: str = "") -> Scene:
    """A conference of its own, with numbers that nobody else has, unless the agent's is given."""
    number = next(_scenes)
    name, simulator = f"Claims {3300 + number}", earshot.simulator
    conference_id, (caller, agent) = simulator.conference(
        name, f"+16175551{number:03d}", agent_number or f"+16175552{number:03d}"
    )
    scene = Scene(earshot, conference_id, name, agent, caller)
    eventually(
        lambda: scene.shown().get("name") == name and person(earshot, agent) and person(earshot, caller)
    )
    return scene


def done(scene: Scene, path: str, seen: str = "", **posted: str) -> None:
    """A press that is taken in."""
    answer = press(scene.earshot, path, seen=seen, **posted)
    assert answer.status_code == 204, answer.text


async def guarded(scene: Scene, act: Callable[[], None], until: Callable[[], object], path: str = "") -> None:
    """The act reaches a colleague's screen (the conference's page, or `path`), pushed as reloaded."""

    def act_and_wait() -> None:
        act()
        eventually(until, within=8)

    session = scene.earshot.sessions["colleague"]
    await live_equals_reload(scene.earshot.site, session, path or f"{scene.address}/", act_and_wait, within=8)
