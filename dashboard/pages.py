"""What pages and buttons share: who asks, and how a press is answered."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse

from dashboard.commands import Refused
from dashboard.models import User

Params = ParamSpec("Params")
Press = Callable[Concatenate[HttpRequest, Params], HttpResponse | None]
View = Callable[Concatenate[HttpRequest, Params], HttpResponse]


def viewer(request: HttpRequest) -> User:
    """The person who asks; only for views behind a sign-in."""
    assert isinstance(request.user, User)  # noqa: S101 - a view without sign-in is a mistake of ours
    return request.user


def button(press: Press[Params]) -> View[Params]:
    """Answer a press: 204 or what it gives, or a refusal as `{"title", "text"}`.

    Nobody is sent to a sign-in page by htmx.
    """

    def view(request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _refusal(Refused(401, "You are signed out.", "Sign in and press again. Nothing was sent."))
        try:
            return press(request, *args, **kwargs) or HttpResponse(status=204)
        except Refused as refused:
            return _refusal(refused)

    update_wrapper(view, press)
    return view


def _refusal(refused: Refused) -> JsonResponse:
    return JsonResponse({"title": refused.title, "text": refused.text}, status=refused.status)
