"""Recordings as files, made while they are sent: a quiet tone (WAV) or silence (MP3) of the right length."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from functools import lru_cache

from simulator.state import Recording

RATE = 8000  # samples a second, one byte each
WAV_HEADER = 44
# MPEG-2 layer III, 8 kbit/s, 16 kHz, mono: a frame of zeros is 36 ms of silence.
MP3_FRAME = bytes((0xFF, 0xF3, 0x18, 0xC4)) + bytes(32)
MP3_FRAME_MILLIS = 36
PIECE = 65536


def size(recording: Recording) -> int:
    millis = recording.spoken // 1000
    if recording.format == "mp3":
        return max(millis // MP3_FRAME_MILLIS, 1) * len(MP3_FRAME)
    return WAV_HEADER + _samples(recording) * _channels(recording)


def pieces(recording: Recording, first: int, last: int) -> Iterator[bytes]:
    """The bytes from `first` to `last`, both included."""
    while first <= last:
        end = min(first + PIECE, last + 1)
        yield _bytes(recording, first, end)
        first = end


def _bytes(recording: Recording, start: int, end: int) -> bytes:
    if recording.format == "mp3":
        return _repeated(MP3_FRAME, start, end)
    header = _wav_header(recording)[start:end]
    sound = _repeated(_second(_channels(recording)), max(start - WAV_HEADER, 0), max(end - WAV_HEADER, 0))
    return header + sound


def _repeated(unit: bytes, start: int, end: int) -> bytes:
    offset = start % len(unit)
    rounds = (offset + end - start) // len(unit) + 1
    return (unit * rounds)[offset : offset + end - start]


@lru_cache
def _second(channels: int) -> bytes:
    """One second of a soft 200 Hz, unsigned 8-bit."""
    wave = (128 + round(20 * math.sin(2 * math.pi * 200 * moment / RATE)) for moment in range(RATE))
    return bytes(value for value in wave for _ in range(channels))


def _wav_header(recording: Recording) -> bytes:
    channels, data = _channels(recording), _samples(recording) * _channels(recording)
    form = struct.pack("<IHHIIHH", 16, 1, channels, RATE, RATE * channels, channels, 8)
    return b"RIFF" + struct.pack("<I", 36 + data) + b"WAVEfmt " + form + b"data" + struct.pack("<I", data)


def _samples(recording: Recording) -> int:
    return recording.spoken * RATE // 1_000_000


def _channels(recording: Recording) -> int:
    return 2 if recording.channels == "dual" else 1
