"""What people do with a recording: play, download, delete; each is logged. And what Earshot itself deletes.

A play and a download are logged before the sound starts; the log entry's id is the token with which its
sound may be asked for, piece by piece, without being logged again.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from dashboard import commands
from dashboard.attempts import Desk
from dashboard.commands import Press, Refused
from dashboard.models import Command, User
from dashboard.pokes import poke
from dashboard.roles import Action
from recordings import links
from recordings.filters import Filters, kept
from recordings.models import Recording, touch_list
from recordings.show import DELETE, DOWNLOAD, EXPORT, PLAY
from recordings.transitions import subject
from telephony.client import client
from telephony.errors import NotFound

log = logging.getLogger("earshot.recordings")

# A token goes on for as long as somebody may sit over one recording.
TOKEN_FOR = timedelta(hours=12)
AT_ONCE = 20  # deletions of one look
REASONS = (
    "the caller asked for it",
    "recorded by mistake",
    "it holds what must not be kept",
    "no consent was given",
    "something else",
)
OWN_WORDS = 120  # characters


def visible(user: User) -> QuerySet[Recording]:
    """The recordings this person may see; every page and command finds its object here."""
    found = Recording.objects.within(user.scope)
    return found if user.may(Action.LISTEN_RECORDINGS) else found.none()


def _found(user: User, permission: Action, pk: int) -> Recording:
    commands.require(user, permission)
    recording = visible(user).filter(pk=pk).first()
    if recording is None:
        raise Refused(404, "There is no such recording.", "Load the page again.")
    if recording.deleted_at:
        raise Refused(409, "This recording is deleted.", f"{recording.deleted_by} deleted it.")
    if not recording.is_saved:
        raise Refused(409, "Telnyx is still saving this recording.", "Nothing can be done with it before.")
    return recording


def _title(recording: Recording) -> str:
    when = timezone.localtime(recording.at).strftime("%Y-%m-%d %H:%M:%S") if recording.at else ""
    return f"{recording}, {when}"[:255].rstrip(", ")


# --- hearing it --------------------------------------------------------------------------------------
def hear(user: User, pk: int, action: str) -> UUID:
    """Log that somebody plays or downloads a recording, and make sure that Telnyx has it. The token.

    Raises `Refused`; then the log says that nothing was heard, and why.
    """
    recording = _found(user, Action.LISTEN_RECORDINGS, pk)
    detail = {"recording_id": recording.recording_id}
    about = subject(recording.recording_id or "")
    entry = commands.settled(user, action, "hear", about, _title(recording), detail=detail)
    entry.save()
    try:
        links.fresh(recording)
    except links.NotToBeHad as problem:
        Command.objects.filter(pk=entry.pk).update(state=Command.State.REFUSED, reason=problem.title[:400])
        raise Refused(problem.status, problem.title, problem.text) from None
    _note_heard(recording, user, entry.created_at)
    return entry.pk


def _note_heard(recording: Recording, user: User, now: datetime) -> None:
    heard = {"played_at": now, "played_by": str(user), "plays": F("plays") + 1}
    with transaction.atomic():
        Recording.objects.filter(pk=recording.pk).update(**heard, version=F("version") + 1)
        touch_list()
        transaction.on_commit(lambda: poke([("recording", str(recording.pk))]))


def granted(user: User, pk: int, token: UUID) -> tuple[Recording, bool]:
    """The recording whose sound this token opens to this person, and whether it is a download.

    Raises `Refused`: 403 without the right, or with a token that is another's, another recording's or old.
    """
    recording = _found(user, Action.LISTEN_RECORDINGS, pk)
    entry = Command.objects.filter(
        pk=token,
        user=user,
        subject=subject(recording.recording_id or ""),
        action__in=[PLAY, DOWNLOAD],
        created_at__gte=timezone.now() - TOKEN_FOR,
    ).first()
    if entry is None:
        raise Refused(403, "This play is over.", "Press Play again.")
    return recording, entry.action == DOWNLOAD


def log_export(user: User, wanted: Filters, count: int) -> None:
    commands.require(user, Action.LISTEN_RECORDINGS)
    name = ", ".join(["List of recordings", *wanted.words()])[:255]
    detail = {"filters": wanted.query(), "rows": count}
    commands.settled(user, EXPORT, "export", "recordings", name, detail=detail).save()
    poke([commands.LOGGED])


# --- deleting it -------------------------------------------------------------------------------------
def delete(user: User, pk: int, reason: str, words: str) -> Command | None:
    """Delete a recording at Telnyx, with a reason from the list, and own words. Raises `Refused`."""
    recording = _found(user, Action.DELETE_RECORDINGS, pk)
    own = " ".join(words.split())[:OWN_WORDS]
    if reason not in REASONS:
        raise Refused(400, "Choose a reason.", "A deletion needs one. Nothing was deleted.")
    if reason == REASONS[-1] and not own:
        raise Refused(400, "Say the reason in your own words.", "Nothing was deleted.")
    because = own if reason == REASONS[-1] else f"{reason}: {own}" if own else reason
    return _delete(user, recording, because)


def _delete(user: User | None, recording: Recording, because: str) -> Command | None:
    detail = {
        "recording_id": recording.recording_id,
        "conference_id": recording.conference_id,
        "because": because,
    }
    press = Press(
        user=user,
        action=DELETE,
        permission=Action.DELETE_RECORDINGS,
        family="delete",
        subject=subject(recording.recording_id or ""),
        subject_name=_title(recording),
        detail=detail,
    )
    return commands.run(press, DESK)


def send(command: Command) -> None:
    """Delete it at Telnyx, now or again. One that is not there any more is deleted: a reply may be lost.

    The answer is not kept: it holds addresses of the sound.
    """
    try:
        client().delete_recording(command.detail["recording_id"])
    except NotFound:
        log.info("A recording to delete was gone already")


def bump(about: str) -> None:
    """Make a recording's fragments new: an open or answered deletion shows on them."""
    found = Recording.objects.filter(recording_id=about.partition(":")[2])
    found.update(version=F("version") + 1)
    touch_list()
    changes = [("recording", str(pk)) for pk in found.values_list("pk", flat=True)]
    transaction.on_commit(lambda: poke(changes))


DESK = Desk(send, bump)


def delete_old(now: datetime) -> int:
    """Delete at Telnyx what is older than RECORDING_DAYS, a few at each look; Earshot is who did it.

    Stops at the first that Telnyx does not take. Returns how many were deleted.
    """
    if not settings.RECORDING_DAYS:
        return 0
    before = now - timedelta(days=settings.RECORDING_DAYS)
    under_way = Command.objects.filter(action=DELETE, settled_at=None).values_list("subject", flat=True)
    busy = {about.partition(":")[2] for about in under_way}
    old = kept(Recording.objects.all()).filter(ended_at__lt=before).exclude(recording_id__in=busy)
    done = 0
    for recording in old.order_by("ended_at")[:AT_ONCE]:
        command = _delete(None, recording, f"kept for {settings.RECORDING_DAYS} days")
        if command is None or not _is_taken(command):
            break
        done += 1
    return done


def _is_taken(command: Command) -> bool:
    command.refresh_from_db()
    return command.state in {Command.State.ACCEPTED, Command.State.DONE}
