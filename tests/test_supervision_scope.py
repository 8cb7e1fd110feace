"""A supervisor of one team listens in its conferences alone, and no longer than they are in the team."""

import asyncio
import json

from tests.support.earshot import Earshot
from tests.support.people import SELLING_AGENT
from tests.support.pressing import press
from tests.support.scene import set_scene
from tests.support.sites import Closed
from tests.support.supervising import records, set_phone, state_is, supervise
from tests.support.waiting import eventually


def take_out_of_the_team(earshot: Earshot) -> None:
    """By the admin's page of the person, as an admin does it."""
    ((number, email, name),) = earshot.rows(
        "select id, email, name from dashboard_user where email like 'seller@%'"
    )
    ((role,),) = earshot.rows("select id from auth_group where name = 'supervisor'")
    form = {"email": email, "name": name, "groups": str(role), "is_active": "on"}
    answer = press(earshot, f"/admin/dashboard/user/{number}/change/", "admin", **form)
    assert answer.status_code == 302, answer.text


async def closing_code(earshot: Earshot) -> int:
    """What the open floor of the seller is closed with once they are out of the team."""
    async with earshot.site.live(earshot.sessions["seller"]) as socket:
        await socket.send(json.dumps({"watch": ["floor"]}))
        await socket.receive()
        await asyncio.to_thread(take_out_of_the_team, earshot)
        try:
            async with asyncio.timeout(20):
                while True:
                    await socket.receive()
        except Closed as closed:
            return closed.code


def test_another_teams_conference_cannot_be_listened_to(earshot: Earshot) -> None:
    set_phone(earshot, "seller")
    other = set_scene(earshot)
    assert supervise(other, "listen", "seller", status=404) == "There is no such conference."
    assert not records(other)


async def test_out_of_the_team_is_out_of_the_conference(earshot: Earshot) -> None:
    set_phone(earshot, "seller")
    scene = set_scene(earshot, SELLING_AGENT)
    supervise(scene, "listen", "seller")
    leg = state_is(scene, "connected")["leg"]
    assert await closing_code(earshot) == 4403
    eventually(lambda: leg not in earshot.simulator.marked(), within=15)
    assert state_is(scene, "ended")["user_name"] == "Nadia Haddad"
    floor = earshot.get("/floor/", "seller").text
    assert f'id="c-{scene.id}"' not in floor
    # Where they were and why that is over is theirs to know.
    assert f"You are not in {scene.name} any more." in floor
