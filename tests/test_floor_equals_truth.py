"""Traffic without faults, frozen: the floor is what is true at Telnyx."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.earshot import Earshot, Prepared, running_earshot
from tests.support.waiting import eventually

Json = dict[str, Any]


@pytest.fixture(scope="module")
def morning(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earshot]:
    """A call centre in full swing: the script of the simulator runs from the start."""
    arguments = ("--calls-per-minute", "60")
    with running_earshot(prepared, tmp_path_factory.mktemp("morning"), arguments) as earshot:
        yield earshot


def known(floor: Json) -> Json:
    """Without what each side counts or names by itself: versions and labels."""
    for conference in floor["conferences"]:
        del conference["version"]
        for person in conference["participants"]:
            del person["label"]
    for queue in floor["queues"]:
        del queue["version"]
    for call in floor["bridged_calls"]:
        for name in {"id", "version", "mode"} & call.keys():
            del call[name]
        for leg in call["legs"]:
            del leg["label"]
    return floor


def test_the_floor_equals_the_truth(morning: Earshot) -> None:
    eventually(lambda: len(morning.simulator.truth()["conferences"]) >= 6, within=30)
    morning.simulator.traffic(False)
    eventually(lambda: morning.simulator.deliveries_waiting() == 0, within=15)

    def equal() -> bool:
        floor = httpx.get(f"{morning.url}/api/floor", cookies={"sessionid": morning.sessions["admin"]}).json()
        assert known(floor) == known(morning.simulator.truth())
        return True

    # Mute and hold are announced by nobody: they are found by the next read of everything.
    assert eventually(equal, within=25)
