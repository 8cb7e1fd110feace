"""The test bench's own waiting and signing."""

import asyncio
import base64

import pytest
from nacl.exceptions import BadSignatureError

from tests.support.people import Cast
from tests.support.signing import KEY, sign
from tests.support.waiting import eventually, eventually_async


def test_eventually_returns_what_became_true() -> None:
    answers = iter([0, "", [], "here"])
    assert eventually(lambda: next(answers)) == "here"


def test_eventually_tells_the_last_answer_when_it_never_does() -> None:
    with pytest.raises(AssertionError, match="last: 0"):
        eventually(lambda: 0, within=0.05)


async def test_eventually_async_lets_other_tasks_work() -> None:
    done: list[bool] = []
    task = asyncio.create_task(asyncio.sleep(0.01))
    task.add_done_callback(lambda _: done.append(True))
    assert await eventually_async(lambda: done)


def test_a_signature_holds_for_its_body_only() -> None:
    headers = sign(b"{}", at=1_700_000_000)
    signature = base64.b64decode(headers["telnyx-signature-ed25519"])
    KEY.verify_key.verify(b"1700000000|{}", signature)
    with pytest.raises(BadSignatureError):
        KEY.verify_key.verify(b"1700000000|{ }", signature)


def test_the_cast_has_its_roles(cast: Cast) -> None:
    assert [sorted(person.groups.values_list("name", flat=True)) for person in cast] == [
        ["all teams", "supervisor"],
        ["all teams", "supervisor"],
        ["agent", "all teams"],
        ["admin", "all teams"],
        [],
        ["supervisor"],
    ]
