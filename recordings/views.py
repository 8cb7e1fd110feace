"""The page of recordings, its buttons, the sound of one recording, and the list as CSV."""

from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_GET, require_POST, require_safe

from dashboard.commands import Refused
from dashboard.models import User
from dashboard.pages import button, viewer
from dashboard.roles import Action
from recordings import commands, filters, links, live, show
from recordings import export as exporting
from recordings.commands import REASONS
from recordings.filters import PAUSES, SORTS, Filters
from recordings.models import Recording
from recordings.sound import OutOfRange, Sound, read_range
from telephony import status

SPEEDS = ("0.75", "1", "1.25", "1.5", "2")
TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav"}


@require_GET
@login_required
def recordings(request: HttpRequest) -> HttpResponse:
    """The list, as the address's filters want it."""
    user = _listener(request)
    full_numbers = user.may(Action.SEE_NUMBERS)
    wanted = Filters.read(request.GET.dict())
    found = wanted.on_page(wanted.found(user.scope, full_numbers=full_numbers))
    return render(
        request,
        "recordings/page.html",
        {
            "recordings": show.shown(found, full_numbers=full_numbers),
            "head": live.head(wanted, user.scope, full_numbers=full_numbers),
            "filters": wanted,
            "queues": filters.queues(user.scope),
            "pauses": PAUSES.items(),
            "sorts": SORTS.items(),
            "reasons": REASONS,
            "speeds": SPEEDS,
            "days": settings.RECORDING_DAYS,
            "telnyx": status.current(),
        },
    )


def _listener(request: HttpRequest) -> User:
    user = viewer(request)
    if not user.may(Action.LISTEN_RECORDINGS):
        raise PermissionDenied
    return user


@require_POST
@button
def play(request: HttpRequest, pk: int) -> HttpResponse:
    """Log one play, and give the address of its sound: `{"audio": "/recordings/7/audio/<token>"}`."""
    return _address(pk, commands.hear(viewer(request), pk, show.PLAY))


@require_POST
@button
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """Log one download, and give the address of the file."""
    return _address(pk, commands.hear(viewer(request), pk, show.DOWNLOAD))


def _address(pk: int, token: UUID) -> JsonResponse:
    return JsonResponse({"audio": reverse("recording-audio", args=[pk, token])})


@require_POST
@button
def delete(request: HttpRequest, pk: int) -> None:
    """Delete it at Telnyx; `reason` is one of the list, `words` are one's own."""
    commands.delete(viewer(request), pk, request.POST.get("reason", ""), request.POST.get("words", ""))


@require_safe
async def audio(request: HttpRequest, pk: int, token: UUID) -> HttpResponseBase:
    """The sound that a play or a download opened: 200, or 206 for a range, as it comes from Telnyx.

    Refusals are JSON, `{"title", "text"}`: nobody is sent to a sign-in page by a player.
    """
    try:
        recording, whole_file = await sync_to_async(_granted)(request, pk, token)
        return await _sound(request, recording, whole_file)
    except (Refused, links.NotToBeHad) as refused:
        return JsonResponse({"title": refused.title, "text": refused.text}, status=refused.status)
    except OutOfRange as beyond:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{beyond.total}"})


def _granted(request: HttpRequest, pk: int, token: UUID) -> tuple[Recording, bool]:
    if not isinstance(request.user, User):
        raise Refused(401, "You are signed out.", "Sign in and press Play again.")
    return commands.granted(request.user, pk, token)


async def _sound(request: HttpRequest, recording: Recording, whole_file: bool) -> HttpResponseBase:
    async def link(renew: bool) -> str:
        return await sync_to_async(links.fresh if renew else links.known)(recording)

    wanted = read_range(request.headers.get("Range", ""))
    sound = await Sound.open(link, wanted)
    headers = _headers(recording, sound, whole_file)
    if wanted:
        headers["Content-Range"] = f"bytes {sound.first}-{sound.last}/{sound.total}"
    answer = 206 if wanted else 200
    if request.method == "HEAD":
        await sound.close()
        return HttpResponse(status=answer, headers=headers)
    return StreamingHttpResponse(sound.pieces(), status=answer, headers=headers)


def _headers(recording: Recording, sound: Sound, whole_file: bool) -> dict[str, str]:
    form = recording.format if recording.format in TYPES else "mp3"
    begun = f"{timezone.localtime(recording.at):%Y-%m-%d %H.%M.%S}" if recording.at else ""
    name = get_valid_filename(f"{recording} {begun}.{form}")
    place = "attachment" if whole_file else "inline"
    return {
        "Content-Type": TYPES[form],
        "Content-Length": str(sound.length),
        "Content-Disposition": f'{place}; filename="{name.encode("ascii", "replace").decode()}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
    }


@require_POST
@login_required
def export(request: HttpRequest) -> HttpResponseBase:
    """The list with the address's filters, as CSV; that it was exported is logged first."""
    user = _listener(request)
    full_numbers = user.may(Action.SEE_NUMBERS)
    wanted = Filters.read(request.GET.dict())
    keys = exporting.keys(wanted, user.scope, full_numbers=full_numbers)
    commands.log_export(user, wanted, len(keys))
    name = f"recordings-{timezone.localtime():%Y-%m-%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    lines = exporting.lines(keys, full_numbers=full_numbers)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
