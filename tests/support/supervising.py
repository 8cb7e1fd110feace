"""A supervisor with a phone before a running Earshot: what they press, what is recorded, who heard them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from tests.support.earshot import Earshot
from tests.support.pressing import press
from tests.support.scene import Scene
from tests.support.waiting import eventually

PHONES = {"supervisor": "+13125559001", "colleague": "+13125559002", "seller": "+13125559005"}
FIELDS = "id, state, role, whisper_to, leg, reason, conference_id, proofs, user_name"
# Of the cast's agent: only who is in the directory can be whispered to.
AGENT = "+13125550147"
# For `changed`, of one person: done and taken back alike.
ROLE_TAKEN = ("UPDATE dashboard_user_groups SET group_id = -group_id WHERE user_id = ?",) * 2
TEAM_TAKEN = ("UPDATE dashboard_user_teams SET team_id = -team_id WHERE user_id = ?",) * 2


def set_phone(
    earshot: Earshot, who: str = "supervisor", behaviour: str = "answer", after: float = 0.3
) -> str:
    """Somebody's own phone, as they set it on its page; a phone of their own for each behaviour."""
    number = PHONES[who]
    assert press(earshot, "/phone/", who, address=number).status_code == 302
    earshot.simulator.phone(number, behaviour, after)
    return number


def supervise(scene: Scene, mode: str, who: str = "supervisor", status: int = 204, **posted: str) -> str:
    """Presses Listen, Whisper or Barge on the scene's conference; the title of a refusal."""
    answer = press(scene.earshot, f"{scene.address}/supervise/{mode}", who, **posted)
    assert answer.status_code == status, answer.text
    return "" if status == 204 else str(answer.json()["title"])


def leave(earshot: Earshot, who: str = "supervisor") -> None:
    assert press(earshot, "/supervision/leave", who).status_code == 204


def let_go(earshot: Earshot, *who: str) -> None:
    """Out of every conference, so that the next test begins with nothing."""
    live = "select count(*) from supervision_supervision where state in ('requested', 'calling', 'connected')"

    def nothing() -> bool:
        if earshot.rows(live)[0][0]:
            for person in who or ("supervisor",):
                press(earshot, "/supervision/leave", person)
        return bool(earshot.rows(live)[0][0] == 0)

    eventually(nothing, within=15)


@contextmanager
def changed(earshot: Earshot, statement: str, back: str, *parameters: Any) -> Iterator[None]:
    """What an admin changes meanwhile, in the server's own database; afterwards it is as it was."""
    _write(earshot, statement, *parameters)
    try:
        yield
    finally:
        _write(earshot, back, *parameters)


def _write(earshot: Earshot, statement: str, *parameters: Any) -> None:
    path = earshot.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=10)) as database, database:
        database.execute(statement, parameters)


def number_of(earshot: Earshot, who: str) -> int:
    """Of somebody of the cast."""
    ((number,),) = earshot.rows("select id from dashboard_user where email like ?", f"{who}@%")
    return int(number)


def records(scene: Scene) -> list[dict[str, Any]]:
    """The supervisions of the scene's conference, oldest first."""
    rows = scene.earshot.rows(
        f"select {FIELDS} from supervision_supervision where conference_id = ? order by requested_at",
        scene.id,
    )
    return [dict(zip(FIELDS.split(", "), row, strict=True)) for row in rows]


def state_is(scene: Scene, state: str, role: str = "", reason: str = "") -> dict[str, Any]:
    """Waits until the newest supervision of the conference is so: its hang-up may be told before the reply to
    the press that caused it, which is the reason."""

    def found() -> dict[str, Any]:
        newest = records(scene)[-1]
        assert newest["state"] == state, newest
        assert not role or newest["role"] == role, newest
        assert not reason or newest["reason"] == reason, newest
        return newest

    return eventually(found, within=12)


def who_heard(earshot: Earshot, leg: str) -> set[str]:
    """Everybody who at any instant heard this leg."""
    return {change["call_control_id"] for change in earshot.simulator.hearing() if leg in change["hears"]}
