"""The list of a wallboard's screens. What passes with time, the browser draws; what changes with a day is
part of the version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from queues.windows import midnight
from wallboards import devices
from wallboards.devices_models import Device
from wallboards.models import Wallboard

# Since the cookie is noted every 20 s at most, and a beat is 5 s.
LIVE_SECONDS = 45


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen, or a link that nobody has opened: `red` seconds after `since` it is no longer live, or the
    link no longer holds. None: that is over for good."""

    device: Device
    state: str
    since: datetime | None = None
    red: int = 0


@dataclass(frozen=True, slots=True)
class Screens:
    """`count` are those that may show the wallboard."""

    board: Wallboard
    version: int
    rows: Sequence[Screen]
    count: int


def screens(board: Wallboard) -> Screens:
    """The board was read before: what comes meanwhile is a newer version."""
    today = midnight(timezone.now())
    rows = [_screen(one, today) for one in devices.listed(board.pk, today)]
    return Screens(board, version_of(board), rows, sum(row.state == "opened" for row in rows))


def version_of(board: Wallboard) -> int:
    return board.screens_version + timezone.localdate().toordinal()


def _screen(one: Device, today: datetime) -> Screen:
    if one.revoked_at:
        return Screen(one, "revoked")
    if not one.opened_at:
        return Screen(one, "link", one.made_at, int(devices.LINK_HOLDS.total_seconds()))
    if one.expires_at < today:
        return Screen(one, "ended")
    return Screen(one, "opened", one.last_seen_at or one.opened_at, LIVE_SECONDS)
