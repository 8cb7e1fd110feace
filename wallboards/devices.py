"""The way of a screen: a link is made and shown once, opened once for a cookie, and revoked.

    make → link (10 minutes, 40 random bits, to be typed by hand) → open_link → cookie (256 random bits)

The cookie lives under `/screen/` alone, so no other page is ever shown it, and the live socket there asks for
nothing else: `ENTRANCE` holds who comes by it to the scope of their wallboard.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from dashboard.commands import LOGGED, Refused, require, settled
from dashboard.live import DOUBTED
from dashboard.models import User
from dashboard.pokes import poke
from dashboard.roles import Action
from dashboard.viewers import TAKEN_AWAY, Entrance, Viewer, device
from telephony.projection import Change
from wallboards.commands import changeable
from wallboards.devices_models import Device
from wallboards.models import Wallboard

COOKIE = "earshot_screen"
LINK_HOLDS = timedelta(minutes=10)
# A screen that was off for so long is given a new link; one that is in use goes on.
COOKIE_HOLDS = timedelta(days=90)
REVOKED_SHOWN = timedelta(days=30)
MOST = 200
_SEEN_NOTED_EVERY = timedelta(seconds=20)
# Letters and digits that nobody takes for one another on a screen or a remote control.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 8
NOBODY = "The screen itself"


# --- making and revoking -------------------------------------------------------------------------------
def listed(board: int, today: datetime) -> QuerySet[Device]:
    """The screens of a wallboard, newest first; what was revoked a month ago is not shown any more."""
    old = today - REVOKED_SHOWN
    return (
        Device.objects.filter(wallboard=board)
        .exclude(revoked_at__lt=old)
        .select_related("made_by", "revoked_by")
    )


def make(user: User, board: int, name: str) -> tuple[Device, str]:
    """A new screen, and the code of its link: its only appearance in plain. Raises `Refused`."""
    require(user, Action.MANAGE_WALLBOARDS)
    name = " ".join(name.split())
    if not name or len(name) > 60 or not name.isprintable():
        raise Refused(400, "No link was made.", "Name the screen by where it hangs, in up to 60 letters.")
    code, now = new_code(), timezone.now()
    with transaction.atomic():
        found = changeable(user).filter(pk=board).first()
        if found is None:
            raise Refused(404, "There is no such wallboard.", "Load the page again. No link was made.")
        if Device.objects.filter(wallboard=found).holding(now).count() >= MOST:
            raise Refused(409, "No link was made.", f"This wallboard has {MOST} screens. Revoke one first.")
        made = Device.objects.create(
            wallboard=found,
            name=name,
            link_hash=link_hash(code),
            made_at=now,
            made_by=user,
            expires_at=now + LINK_HOLDS,
        )
        _log(user, "make-screen", made)
    return made, code


def revoke(user: User, board: int, pk: int) -> None:
    """The screen is cut off within 5 s, in every process. Raises `Refused`."""
    require(user, Action.MANAGE_WALLBOARDS)
    with transaction.atomic():
        seen = changeable(user).filter(pk=board)
        found = Device.objects.select_for_update().filter(pk=pk, wallboard__in=seen, revoked_at=None).first()
        if found is None:
            raise Refused(404, "There is no such screen.", "It may be revoked already. Load the page again.")
        found.revoked_at, found.revoked_by = timezone.now(), user
        found.save(update_fields=["revoked_at", "revoked_by"])
        _log(user, "revoke-screen", found, DOUBTED)


# --- the link ------------------------------------------------------------------------------------------
def new_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def shown(code: str) -> str:
    """In two halves, which can be read out: `7KQ4-MZ2P`."""
    return f"{code[: _LENGTH // 2]}-{code[_LENGTH // 2 :]}"


def of_link(typed: str) -> Device | None:
    """Whose link it is, whatever became of it; None: no link is or was like that."""
    return Device.objects.filter(link_hash=link_hash(typed)).select_related("wallboard").first()


def open_link(found: Device) -> str | None:
    """Give the screen its cookie, and the link is used. None: it cannot be opened (any more)."""
    key, now = secrets.token_urlsafe(32), timezone.now()
    opened = {
        "opened_at": now,
        "last_seen_at": now,
        "expires_at": now + COOKIE_HOLDS,
        "cookie_hash": cookie_hash(key),
    }
    with transaction.atomic():
        # One statement: of two that open it at the same moment one gets nothing.
        if not Device.objects.holding(now).filter(pk=found.pk, opened_at=None).update(**opened):
            return None
        _log(None, "open-screen", found)
    return key


def link_hash(typed: str) -> str:
    """Keyed: 40 bits alone could be found again from their bare hash."""
    code = re.sub(r"[\s-]", "", typed).upper()
    return salted_hmac("wallboards.devices.link", code, algorithm="sha256").hexdigest()


# --- the cookie ----------------------------------------------------------------------------------------
def cookie_hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def of_cookie(key: str) -> Device | None:
    """Whose cookie it is, whatever became of it."""
    return Device.objects.filter(cookie_hash=cookie_hash(key)).select_related("wallboard").first()


def holds(found: Device) -> bool:
    return found.revoked_at is None and found.expires_at > timezone.now()


def viewers(keys: Collection[str]) -> dict[str, Viewer]:
    """The screens that may look now, by the values of their cookies. One query; two when it is noted."""
    now = timezone.now()
    by_hash = {cookie_hash(key): key for key in keys}
    rows = list(Device.objects.holding(now).filter(cookie_hash__in=by_hash))
    note_seen(rows)
    return {by_hash[str(row.cookie_hash)]: device(f"wallboard:{row.wallboard_id}") for row in rows}


def note_seen(rows: Collection[Device]) -> None:
    """At most every 20 s, so that a beat with 200 screens does not write each time."""
    now = timezone.now()
    due = [row.pk for row in rows if row.last_seen_at is None or now - row.last_seen_at >= _SEEN_NOTED_EVERY]
    if due:
        kept = Device.objects.holding(now).filter(pk__in=due)
        kept.update(last_seen_at=now, expires_at=now + COOKIE_HOLDS)
        poke(_listed_anew({row.wallboard_id for row in rows if row.pk in due}))


def _listed_anew(boards: Collection[int]) -> set[Change]:
    Wallboard.objects.filter(pk__in=boards).update(screens_version=F("screens_version") + 1)
    return {("screens", str(board)) for board in boards}


ENTRANCE = Entrance(COOKIE, viewers, TAKEN_AWAY)


def _log(user: User | None, action: str, of: Device, *also: Change) -> None:
    board, right = of.wallboard, Action.MANAGE_WALLBOARDS.value if user else ""
    subject = f"wallboard:{board.pk}"
    entry = settled(user, action, "wallboard", subject, board.name, permission=right, target=of.name)
    entry.user_name = entry.user_name if user else NOBODY
    entry.save()
    changes = [LOGGED, *_listed_anew({board.pk}), *also]
    transaction.on_commit(lambda: poke(changes))
