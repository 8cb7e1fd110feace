"""Where sound is fetched from: never from a private place, and a link that fails is renewed on the way."""

import ipaddress
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpcore
import pytest

from recordings import guard
from recordings.links import NotToBeHad
from recordings.sound import OutOfRange, Range, Sound, read_range
from tests.support.storage import Storage, storage

CONTENT = bytes(range(256)) * 800


@pytest.fixture
async def place(settings: Any) -> AsyncIterator[Storage]:
    async with storage(CONTENT) as made:
        settings.TELNYX_BASE_URL, settings.RECORDING_ORIGINS = f"{made.url}/v2", [made.url]
        yield made


async def read(place: Storage, wanted: Range | None = None) -> bytes:
    sound = await Sound.open(place.link, wanted)
    return b"".join([piece async for piece in sound.pieces()])


# --- a link that may be tried ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "http://storage.example/a.mp3",
        "gs://bucket/a.mp3",
        "file:///etc/passwd",
        "https://user@storage.example/a.mp3",
        "https:///a.mp3",
        "https://storage.example:0/a.mp3",
        "https://storage.example:99999/a.mp3",
        "http://127.0.0.1:9001/a.mp3",
        "",
    ],
)
def test_a_link_that_is_not_https_is_refused(settings: Any, url: str) -> None:
    settings.TELNYX_BASE_URL, settings.RECORDING_ORIGINS = (
        "https://api.telnyx.com/v2",
        ["http://127.0.0.1:9001"],
    )
    with pytest.raises(guard.Refused):
        guard.checked(url)


@pytest.mark.parametrize(
    ("base", "origin", "allowed"),
    [
        ("http://127.0.0.1:9001/v2", "http://127.0.0.1:9001", True),
        ("http://localhost:9001/v2", "http://127.0.0.1:9001", True),
        ("http://127.0.0.1:9001/v2", "http://127.0.0.1:9002", False),
        ("https://api.telnyx.com/v2", "http://127.0.0.1:9001", False),
        ("http://127.0.0.1:9001/v2", "http://10.0.0.5:9001", False),
    ],
)
def test_a_rehearsal_is_believed_on_this_machine_only(
    settings: Any, base: str, origin: str, allowed: bool
) -> None:
    settings.TELNYX_BASE_URL, settings.RECORDING_ORIGINS = base, [origin]
    where = "10.0.0.5" if "10.0.0.5" in origin else "127.0.0.1"
    assert guard.is_rehearsal("http", where, 9001) is allowed


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("52.216.1.1", True),
        ("2600:9000::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
    ],
)
def test_what_a_private_address_is(text: str, public: bool) -> None:
    assert guard.is_public(ipaddress.ip_address(text)) is public


class Way(httpcore.AsyncNetworkBackend):
    """Notes where it was sent instead of going there."""

    def __init__(self) -> None:
        self.went: list[str] = []

    async def connect_tcp(self, host: str, *rest: Any, **more: Any) -> httpcore.AsyncNetworkStream:
        self.went.append(host)
        raise httpcore.ConnectError("far enough")


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["127.0.0.1"], ["52.216.1.1", "192.168.0.9"], ["::1"]])
async def test_a_name_that_points_to_a_private_address_is_refused(addresses: list[str]) -> None:
    way = Way()

    async def look_up(host: str, port: int) -> Sequence[str]:
        return addresses

    with pytest.raises(guard.Refused, match="private"):
        await guard.Guarded(False, way, look_up).connect_tcp("storage.example", 443)
    assert way.went == []


async def test_what_was_checked_is_what_is_connected_to() -> None:
    """A name that says something else when it is asked again gains nothing: it is not asked again."""
    way, told = Way(), iter([["52.216.1.1"], ["127.0.0.1"]])

    async def look_up(host: str, port: int) -> Sequence[str]:
        return next(told)

    with pytest.raises(httpcore.ConnectError, match="far enough"):
        await guard.Guarded(False, way, look_up).connect_tcp("storage.example", 443)
    assert way.went == ["52.216.1.1"]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_refused(place: Storage, status: str) -> None:
    place.answers = [status]
    with pytest.raises(NotToBeHad, match="refused"):
        await read(place)
    assert len(place.asked) == 1


# --- what is read ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-", Range(0, None)),
        ("bytes=5-9", Range(5, 9)),
        ("bytes=-500", Range(None, 500)),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("", None),
    ],
)
def test_ranges_as_browsers_write_them(header: str, wanted: Range | None) -> None:
    assert read_range(header) == wanted


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        (None, slice(None)),
        (Range(1000, None), slice(1000, None)),
        (Range(1000, 1999), slice(1000, 2000)),
        (Range(None, 500), slice(-500, None)),
        (Range(10, 10**12), slice(10, None)),
    ],
)
async def test_any_part_is_had_also_from_a_storage_without_ranges(
    place: Storage, ranges: bool, wanted: Range | None, part: slice
) -> None:
    place.ranges = ranges
    assert await read(place, wanted) == CONTENT[part]


@pytest.mark.parametrize("ranges", [True, False])
async def test_what_is_beyond_the_end_is_416(place: Storage, ranges: bool) -> None:
    place.ranges = ranges
    with pytest.raises(OutOfRange) as beyond:
        await read(place, Range(len(CONTENT), None))
    assert beyond.value.total == len(CONTENT)


@pytest.mark.parametrize("status", ["403 Expired", "404 Gone", "401 No", "400 Bad", "500 Sick"])
async def test_a_link_that_does_not_work_any_more_is_renewed(place: Storage, status: str) -> None:
    place.answers = [status]
    assert await read(place) == CONTENT
    assert place.links == [False, True]


async def test_what_breaks_off_goes_on_where_it_was_with_a_new_link(place: Storage) -> None:
    place.cuts = [70_000, 50_000]
    assert await read(place, Range(100, None)) == CONTENT[100:]
    assert place.links == [False, True, True]
    assert [asked for _, asked in place.asked] == [
        "range: bytes=100-",
        f"range: bytes=70100-{len(CONTENT) - 1}",
        f"range: bytes=120100-{len(CONTENT) - 1}",
    ]


async def test_a_storage_that_never_answers_breaks_the_answer_off(place: Storage) -> None:
    place.cuts = [1000, 0, 0, 0, 0]
    sound, heard = await Sound.open(place.link, None), b""
    with pytest.raises(NotToBeHad, match="broke off"):
        async for piece in sound.pieces():
            heard += piece
    assert heard == CONTENT[:1000]


async def test_another_file_is_never_joined_on(place: Storage) -> None:
    place.cuts = [1000]
    sound = await Sound.open(place.link, None)
    place.content = CONTENT + b"more"
    with pytest.raises(NotToBeHad, match="broke off"):
        assert [piece async for piece in sound.pieces()]


async def test_a_link_refused_twice_is_said(place: Storage) -> None:
    place.answers = ["403 No", "403 No"]
    with pytest.raises(NotToBeHad) as problem:
        await read(place)
    assert problem.value.status == 502
