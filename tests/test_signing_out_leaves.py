"""Signing out hangs up the supervisor's phone, and the page of signing in says so."""

import httpx
import pytest

from tests.support.earshot import Earshot
from tests.support.pressing import CSRF
from tests.support.scene import set_scene
from tests.support.supervising import set_phone, state_is, supervise
from tests.support.waiting import eventually


def sign_out(earshot: Earshot, who: str) -> str:
    """The page that it leads to."""
    cookies = {"csrftoken": CSRF, "sessionid": earshot.sessions[who]}
    with httpx.Client(base_url=earshot.url, cookies=cookies, follow_redirects=True, timeout=30) as client:
        return client.post("/accounts/logout/", headers={"X-CSRFToken": CSRF}).text


# Whoever has signed out stays so: each case is another person's, and the one who looks at the scene is last.
@pytest.mark.parametrize(("who", "fault"), [("colleague", 503), ("supervisor", None)])
def test_the_phone_leaves(earshot: Earshot, who: str, fault: int | None) -> None:
    scene = set_scene(earshot)
    set_phone(earshot, who)
    supervise(scene, "listen", who)
    leg = state_is(scene, "connected")["leg"]
    if fault:
        earshot.simulator.fault("/actions/hangup", fault)
    page = sign_out(earshot, who)
    said = f"Telnyx has not hung up your phone in {scene.name} yet." if fault else f"left {scene.name} at "
    assert said in page
    assert "Signed out" in page
    eventually(lambda: leg not in earshot.simulator.marked(), within=15)
    state_is(scene, "ended", reason="left")
