"""Listen, whisper, barge, leave: press → one leg → role → record, and who really heard the supervisor."""

import pytest

from tests.support.scene import Scene
from tests.support.supervising import leave, records, set_phone, state_is, supervise, who_heard


@pytest.fixture(autouse=True)
def in_no_conference(scene: Scene) -> None:
    set_phone(scene.earshot)


def dials(scene: Scene) -> list[dict[str, object]]:
    asked = [request["body"] for request in scene.earshot.simulator.requests("/v2/calls")]
    return [body for body in asked if body.get("conference_config", {}).get("id") == scene.id]


def test_listen_calls_the_phone_and_nobody_ever_hears_it(scene: Scene) -> None:
    supervise(scene, "listen")
    connected = state_is(scene, "connected", "monitor")
    (dial,) = dials(scene)
    assert dial["conference_config"] == {
        "id": scene.id,
        "early_media": False,
        "beep_enabled": "never",
        "end_conference_on_exit": False,
        "supervisor_role": "monitor",
    }
    assert dial["timeout_secs"] == 25
    assert dial["client_state"]
    leave(scene.earshot)
    state_is(scene, "ended")
    assert who_heard(scene.earshot, connected["leg"]) == set()
    assert len(records(scene)) == 1
