"""Many pages that come back at once, and frames that no page of ours sends, on a real server.

The small form of `python -m bench.storm`."""

import asyncio
import shutil
from collections.abc import Iterator

import pytest

from bench import storm
from bench.places import Place, earshot
from tests.support.earshot import Prepared


@pytest.fixture(scope="module")
def place(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("storm")
    shutil.copy(prepared.database, database := folder / "earshot.sqlite3")
    with earshot(f"sqlite:///{database}", folder, prepared.sessions) as place:
        yield place
    told = "".join(log.read_text(errors="replace") for log in folder.glob("*.log"))
    assert "Traceback" not in told, told


def test_all_that_come_back_at_once_are_live_again_and_pages_go_on(place: Place) -> None:
    live, page = asyncio.run(storm.reconnect(place, storm.Storm(sockets=150)))
    assert live.value is not None and live.value < storm.LIVE_WITHIN
    assert page.value is not None and 0 < page.value < 15_000  # no figure is judged on a busy machine


def test_malformed_frames_harm_neither_the_server_nor_good_pages(place: Place) -> None:
    """Good pages hear of each change meanwhile, and none is cut; the end of the file looks for tracebacks."""
    taken, grown, heard = asyncio.run(storm.frames(place, storm.Frames(count=2000, first=220)))
    assert taken.value
    assert grown.value is not None and grown.value < 30, f"{grown.value} MB more"
    assert heard.value and heard.value < 1000 * storm.HEARD_WITHIN


def test_the_frames_are_of_every_kind_and_the_same_each_time() -> None:
    some = list(storm.malformed(22))
    assert some == list(storm.malformed(22))
    assert len(set(some[:11])) == 11
