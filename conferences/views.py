"""The pages of conferences and the addresses of their buttons."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from conferences import asking, commands, hands, show
from conferences import timeline as story
from conferences.live import PAGE, PANE
from conferences.models import Conference
from conferences.options.sound import LANGUAGES
from conferences.presentation import Line
from conferences.transitions import subject
from conferences.verbs import ASKED, EVERYONE, PERSONAL, RECORDING, SOUND, WHOLE, sound
from dashboard import exports
from dashboard.asking import answered
from dashboard.commands import Refused
from dashboard.models import User
from dashboard.pages import button, viewer
from dashboard.roles import Action
from telephony import status

MOST_LINES = 20_000  # of a whole story


@require_GET
@login_required
def conference(request: HttpRequest, conference_id: str) -> HttpResponse:
    """The page of one conference, live or ended."""
    return _whole(request, conference_id, "conferences/page.html", PAGE.lines, languages=LANGUAGES)


@require_GET
@login_required
def pane(request: HttpRequest, conference_id: str) -> HttpResponse:
    """The floor's detail pane, as one fragment."""
    return _whole(request, conference_id, "conferences/_pane.html", PANE.lines)


def _whole(
    request: HttpRequest, conference_id: str, template: str, lines: int, **known: object
) -> HttpResponse:
    user = _supervisor(request)
    found = get_object_or_404(commands.visible(user), pk=conference_id)
    numbers, digits = user.may(Action.SEE_NUMBERS), user.may(Action.DIGITS)
    whole = show.whole(found, full_numbers=numbers, digits=digits, lines=lines)
    return render(request, template, {"conference": whole, "telnyx": status.current(), **known})


def _supervisor(request: HttpRequest) -> User:
    user = viewer(request)
    if not user.may(Action.SEE_FLOOR):
        raise PermissionDenied
    return user


@require_GET
@login_required
def known_media(request: HttpRequest) -> HttpResponse:
    """What was played lately, as options of the fields for audio."""
    _supervisor(request)
    return render(request, "conferences/_known_media.html", {"known_media": sound.known_media()})


@require_GET
@login_required
def together(request: HttpRequest, conference_id: str) -> HttpResponse:
    """The whole story of one conference on a page: what happened and who did what, in the order of time."""
    user = _supervisor(request)
    found = get_object_or_404(commands.visible(user), pk=conference_id)
    told = _story(found, user)
    return render(
        request,
        "conferences/story.html",
        {"conference": found, "story": told, "telnyx": status.current()},
    )


@require_GET
@login_required
def timeline(request: HttpRequest, conference_id: str, form: str) -> HttpResponse:
    """The same as a file. That it was taken away is a part of the story then."""
    user = _supervisor(request)
    found = get_object_or_404(commands.visible(user), pk=conference_id)
    if form not in exports.FORMS:
        raise Http404
    rows, about = story.rows(_story(found, user)), subject(found.id)
    exports.logged(user, about, str(found), f"the timeline as {form.upper()}", form, len(rows))
    commands.bump(about)
    return exports.file(f"{found} timeline", form, story.COLUMNS, rows)


def _story(found: Conference, user: User) -> list[Line]:
    numbers, digits = user.may(Action.SEE_NUMBERS), user.may(Action.DIGITS)
    return story.together(found, full_numbers=numbers, digits=digits, lines=MOST_LINES)


@require_GET
@login_required
def ended(request: HttpRequest) -> HttpResponse:
    """The conferences that ended today (the last 24 hours), newest first."""
    user = _supervisor(request)
    since = timezone.now() - timedelta(hours=24)
    found = commands.visible(user).filter(status=Conference.Status.COMPLETED, ended_at__gte=since)
    rows = show.shown(found.order_by("-ended_at")[:200], full_numbers=user.may(Action.SEE_NUMBERS))
    return render(request, "conferences/ended.html", {"conferences": rows, "telnyx": status.current()})


@require_GET
@button
def at_telnyx(request: HttpRequest, conference_id: str, pk: int) -> HttpResponse:
    """What Telnyx says of one person now."""
    found = get_object_or_404(commands.visible(_supervisor(request)), pk=conference_id)
    person = get_object_or_404(found.participants, pk=pk)
    return answered(request, lambda: asking.person(person))


@require_POST
@button
def press(request: HttpRequest, conference_id: str, verb: str) -> None:
    """A button on the whole conference, or on everyone in it."""
    if verb in EVERYONE:
        commands.on_everyone(viewer(request), conference_id, verb, request.POST)
    elif verb in SOUND:
        commands.on_chosen(viewer(request), conference_id, verb, request.POST)
    elif verb in WHOLE or verb in RECORDING:
        commands.on_conference(viewer(request), conference_id, verb, request.POST)
    else:
        raise Refused(404, "There is no such button.", "Load the page again.")


@require_POST
@button
def press_on_person(request: HttpRequest, conference_id: str, pk: int, verb: str) -> None:
    """A button on one person in the conference."""
    if verb not in {*PERSONAL, *SOUND, *ASKED}:
        raise Refused(404, "There is no such button.", "Load the page again.")
    commands.on_person(viewer(request), conference_id, pk, verb, request.POST)


@require_POST
@button
def answer_hand(request: HttpRequest, conference_id: str, pk: int, act: str) -> None:
    """A supervisor's answer to a raised hand: `seen` by its page, `coming` and `lower` by buttons."""
    if act not in _ANSWERS:
        raise Refused(404, "There is no such button.", "Load the page again.")
    _ANSWERS[act](viewer(request), conference_id, pk)


_ANSWERS = {"seen": hands.see, "coming": hands.come, "lower": hands.lower}
