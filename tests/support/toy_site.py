"""A small site for browser tests of the live page: one table of conferences (served by toy_asgi.py).

`/` is the page, `/mute` counts presses; what only the test does is below `/test/`.
"""

import gc
import secrets
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import path
from django.utils import timezone

from conferences.models import Conference
from dashboard.live import Hub
from dashboard.models import User
from tests.support.toy import ENDED, ToyBoard, bump, extra, row_html

hub = Hub([ToyBoard()], every=0.5)
presses: list[str] = []
sockets: set[Any] = set()
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Toy</title>
<link rel="icon" href="data:,">
<meta name="htmx-config" content='{{"includeIndicatorStyles": false, "allowEval": false}}'>
<script src="{htmx}" defer></script><script src="{idiomorph}" defer></script>
<script src="{live}" type="module"></script><script src="{options}" type="module"></script></head>
<body data-live-scopes="toy" data-now="{now}" hx-headers='{{"X-CSRFToken": "{token}"}}'>
<div data-connection-words><span class="state">Connecting</span></div>
<table><tbody data-list="conferences">{rows}</tbody></table><div data-list="pane"></div></body></html>"""


def show(request: HttpRequest) -> HttpResponse:
    rows = "".join(row_html(of, True) for of in Conference.objects.exclude(status=ENDED).order_by("id"))
    addresses = {
        "htmx": static("vendor/htmx.min.js"),
        "idiomorph": static("vendor/idiomorph.min.js"),
        "live": static("live.js"),
        "options": static("options.js"),
    }
    now = timezone.now().isoformat()
    return HttpResponse(PAGE.format(rows=rows, token=get_token(request), now=now, **addresses))


def mute(request: HttpRequest) -> HttpResponse:
    presses.append(request.method or "")
    return HttpResponse(status=204)


def pressed(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(presses)))


def sign_in(request: HttpRequest) -> HttpResponse:
    """As a new person with the role of a supervisor."""
    user = User.objects.create_user(f"{timezone.now().timestamp()}@earshot.example", name="Dana Whitfield")
    user.groups.add(Group.objects.get_or_create(name="supervisor")[0])
    login(request, user, settings.AUTHENTICATION_BACKENDS[0])
    return HttpResponse(request.session.session_key)


def sign_everybody_out(request: HttpRequest) -> HttpResponse:
    Session.objects.all().delete()
    return HttpResponse("signed out")


def take_rights(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    request.user.groups.clear()
    return HttpResponse("taken")


async def close(request: HttpRequest) -> HttpResponse:
    """Closes every socket with `?code=`."""
    for send in [*sockets]:
        await send({"type": "websocket.close", "code": int(request.GET["code"])})
    return HttpResponse("closed")


def counts(request: HttpRequest) -> JsonResponse:
    return JsonResponse(asdict(hub.counts))


def kept(request: HttpRequest) -> JsonResponse:
    """How many of what belongs to sockets is in memory. From the first time on no garbage is collected."""
    gc.disable()
    kinds: dict[str, list[Any]] = {"Socket": [], "Sitting": [], "Patience": [], "LimitedChannel": []}
    for one in gc.get_objects():
        kinds.get(type(one).__name__, []).append(one)
    asked = [getattr(one, name, ()) for one in kinds["Socket"] for name in ("http_headers", "clean_headers")]
    return JsonResponse({kind: len(found) for kind, found in kinds.items()} | {"asked": sum(map(len, asked))})


def change(request: HttpRequest) -> HttpResponse:
    """`?id=&html=&status=`, `fill=` characters more that hardly compress, and `poke=no`: nobody is told."""
    asked = request.GET.dict()
    extra[asked["id"]] = asked.get("html", "") + secrets.token_hex(int(asked.get("fill", 0)) // 2)
    bump(asked["id"], name=asked.get("name", ""), status=asked.get("status", "in_progress"))
    if asked.get("poke") != "no":
        hub.hear([("conference", asked["id"])])
    return HttpResponse("changed")


urlpatterns = [
    path("", show),
    path("mute", mute),
    path("test/pressed", pressed),
    path("test/sign-in", sign_in),
    path("test/sign-everybody-out", sign_everybody_out),
    path("test/take-rights", take_rights),
    path("test/close", close),
    path("test/counts", counts),
    path("test/kept", kept),
    path("test/change", change),
]
