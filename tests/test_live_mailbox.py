"""What waits for one slow browser."""

import asyncio
import json
from typing import Any

import pytest

from dashboard.boards import Fragment
from dashboard.frames import Beat, News, digest, fnv1a, fragment, snapshot, total
from dashboard.mailbox import LIMIT, Mailbox


def encoded(version: int, id: str = "c-a") -> dict[str, str]:
    return {id: fragment(Fragment(id, "conferences", version, f"<p>{version}</p>"))}


async def taken(mailbox: Mailbox) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in await asyncio.wait_for(mailbox.take(), 1)]


async def test_only_the_newest_of_each_fragment_waits() -> None:
    mailbox = Mailbox()
    for version in (1, 2, 3):
        assert mailbox.put(News("floor", encoded(version)))
    assert mailbox.put(News("floor", encoded(1, id="c-b")))
    [message] = await taken(mailbox)
    assert [(found["id"], found["version"]) for found in message["fragments"]] == [("c-a", 3), ("c-b", 1)]


async def test_a_snapshot_takes_the_place_of_what_waits_and_comes_before_what_follows() -> None:
    mailbox = Mailbox()
    mailbox.put(News("floor", encoded(1)))
    mailbox.put_snapshot("floor", snapshot("floor", encoded(2).values()))
    mailbox.put(News("floor", encoded(3)))
    mailbox.put(News("queues", encoded(1, id="q-1")))
    messages = await taken(mailbox)
    assert [(found["type"], found["scope"]) for found in messages] == [
        ("snapshot", "floor"),
        ("fragments", "floor"),
        ("fragments", "queues"),
    ]


async def test_too_much_is_refused_and_forgotten() -> None:
    mailbox = Mailbox()
    assert all(mailbox.put(News("floor", encoded(1, id=f"c-{number}"))) for number in range(LIMIT))
    assert not mailbox.put(News("floor", encoded(1, id="one-more")))
    mailbox.put(News("queues", encoded(1, id="q-1")))
    [message] = await taken(mailbox)
    assert message["scope"] == "queues"


async def test_a_waiting_beat_says_nothing_of_a_scope_that_changed_since() -> None:
    mailbox = Mailbox()
    mailbox.put_beat(Beat({"floor": total({"c-a": 1}), "queues": total({})}))
    mailbox.put(News("floor", encoded(2)))
    beat = (await taken(mailbox))[-1]
    assert beat["scopes"] == {"floor": None, "queues": {"count": 0, "digest": "0"}}


async def test_what_is_no_longer_watched_is_not_sent() -> None:
    mailbox = Mailbox()
    mailbox.put_snapshot("pane:a", snapshot("pane:a", ()))
    mailbox.put_beat(Beat({"pane:a": total({})}))
    mailbox.drop("pane:a")
    assert [(found["type"], found["scopes"]) for found in await taken(mailbox)] == [("beat", {})]


class AtOnce:
    """A server that sends at once, for as long as the browser reads."""

    def __init__(self) -> None:
        self.reads, self.sent = True, list[str]()

    def __call__(self, text: str) -> bool:
        self.sent += [text] * self.reads
        return self.reads


async def test_who_waits_for_a_change_is_sent_it_at_once() -> None:
    at_once = AtOnce()
    mailbox = Mailbox(at_once)
    waiting = await resting(mailbox)
    assert mailbox.put(News("floor", encoded(1)))
    assert mailbox.put(News("floor", encoded(2)))
    assert [json.loads(text)["fragments"][0]["version"] for text in at_once.sent[:2]] == [1, 2]
    mailbox.put_beat(Beat({"floor": total({"c-a": 2})}))
    assert json.loads(at_once.sent[2])["type"] == "beat"
    mailbox.put_snapshot("floor", snapshot("floor", encoded(3).values()))
    [whole] = await waiting
    assert json.loads(whole)["type"] == "snapshot"


async def test_nothing_is_overtaken() -> None:
    """Neither what waits, nor what was taken and is still on its way."""
    at_once = AtOnce()
    mailbox = Mailbox(at_once)
    waiting = await resting(mailbox)
    mailbox.put_snapshot("floor", snapshot("floor", encoded(1).values()))
    mailbox.put(News("floor", encoded(2)))
    assert len(await waiting) == 2
    mailbox.put(News("floor", encoded(3)))
    assert at_once.sent == []
    [message] = await taken(mailbox)
    assert message["fragments"][0]["version"] == 3


async def test_what_a_browser_has_no_room_for_waits() -> None:
    at_once = AtOnce()
    mailbox = Mailbox(at_once)
    waiting = await resting(mailbox)
    at_once.reads = False
    mailbox.put(News("floor", encoded(1)))
    mailbox.put(News("floor", encoded(2)))
    [text] = await waiting
    assert json.loads(text)["fragments"][0]["version"] == 2
    assert at_once.sent == []


async def test_more_than_a_snapshot_is_refused_at_once_too() -> None:
    at_once = AtOnce()
    mailbox = Mailbox(at_once)
    waiting = await resting(mailbox)
    many = {f"c-{number}": "{}" for number in range(LIMIT + 1)}
    assert not mailbox.put(News("floor", many))
    mailbox.close(4408)
    assert await waiting == []
    assert mailbox.put(News("floor", encoded(1)))
    assert at_once.sent == []


async def resting(mailbox: Mailbox) -> asyncio.Task[list[str]]:
    """Somebody who waits for what comes next."""
    taking = asyncio.create_task(mailbox.take())
    await asyncio.sleep(0)
    return taking


async def test_a_close_comes_before_everything_and_the_first_reason_stays() -> None:
    mailbox = Mailbox()
    mailbox.put(News("floor", encoded(1)))
    mailbox.close(4403)
    mailbox.close(4408)
    assert await taken(mailbox) == []
    assert mailbox.close_code == 4403


@pytest.mark.parametrize(
    ("text", "value"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)], ids=str
)
def test_the_published_values_of_fnv1a(text: str, value: int) -> None:
    assert fnv1a(text) == value


def test_the_digest_is_a_sum_so_that_order_does_not_matter() -> None:
    assert digest({}) == "0"
    whole = (fnv1a("c-a 1") + fnv1a("c-b 1") + fnv1a("q-ü 12")) % 2**32
    assert digest({"c-a": 1, "c-b": 1, "q-ü": 12}) == digest({"q-ü": 12, "c-b": 1, "c-a": 1}) == str(whole)
