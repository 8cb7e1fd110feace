"""A text as it goes over a websocket: whole, unmasked, compressed where that is agreed on and worth it."""

import zlib

import pytest

from supervisor_site.text_frames import WORTH_IT, text_frame


@pytest.mark.parametrize("size", [0, 125, 126, WORTH_IT, 2**16 - 1, 2**16, 200_000])
def test_the_length_is_said_as_the_protocol_has_it(size: int) -> None:
    frame = text_frame("x" * size, False)
    assert (frame[0], frame[1] & 0x80) == (0x81, 0)
    assert payload(frame) == b"x" * size


@pytest.mark.parametrize("text", ["<tr>é</tr>" * 20_000, "".join(map(chr, range(32, 5000)))])
def test_compressed_it_is_the_same_text(text: str) -> None:
    frame = text_frame(text, True)
    assert frame[0] == 0xC1
    assert len(frame) < len(text.encode())
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    assert inflate.decompress(payload(frame) + b"\x00\x00\xff\xff").decode() == text


def test_what_is_short_goes_as_it_is() -> None:
    assert text_frame("é" * 100, True) == text_frame("é" * 100, False)


def payload(frame: bytes) -> bytes:
    """What follows the head, which must say how much that is."""
    said, start = frame[1], {126: 4, 127: 10}.get(frame[1], 2)
    size = said if start == 2 else int.from_bytes(frame[2:start])
    assert len(frame) == start + size
    return frame[start:]
