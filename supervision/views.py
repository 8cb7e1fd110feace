"""The buttons of supervision, and the page of one's own phone."""

import re

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.models import User
from dashboard.pages import button, viewer
from supervision import bridged_commands, commands, phone_tests, show_phones
from supervision.live import may_supervise
from supervision.models import Phone, Supervision, turn
from supervision.words import MODES
from telephony import status

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_SIP = re.compile(r"sips?:[^\s@]+@[^\s@]+")


class PhoneForm(forms.Form):
    address = forms.CharField(max_length=200, strip=True)

    def clean_address(self) -> str:
        """A number as people write it, or a SIP address."""
        said = str(self.cleaned_data["address"])
        if _SIP.fullmatch(said):
            return said
        number = re.sub(r"[\s().-]", "", said)
        if not _NUMBER.fullmatch(number):
            raise forms.ValidationError("A number with its country, as in +1 312 555 0100, or sip:name@host.")
        return number


@require_POST
@button
def press(request: HttpRequest, conference_id: str, mode: str) -> None:
    """Listen, whisper or barge."""
    if mode not in MODES:
        raise Http404
    commands.press(viewer(request), conference_id, mode, request.POST.getlist("to"))


@require_POST
@button
def again(request: HttpRequest, number: str) -> None:
    """Try again what came to nothing."""
    user = viewer(request)
    if not bridged_commands.again(user, number):
        commands.again(user, number)


@require_POST
@button
def press_on_call(request: HttpRequest, pk: int, mode: str) -> None:
    """Listen or barge on a call of two legs."""
    if mode not in MODES:
        raise Http404
    bridged_commands.press(viewer(request), pk, mode)


@require_POST
@button
def leave(request: HttpRequest) -> None:
    """Also of a test call: the own-phone cell has one button for both."""
    user = viewer(request)
    if not phone_tests.cancel(user):
        commands.leave(user)


@require_POST
@button
def dismiss(request: HttpRequest, number: str) -> None:
    """Put a failed press away."""
    user = _supervisor(request)
    with transaction.atomic():
        mine = Supervision.objects.filter(pk=number, user=user, dismissed_at=None)
        if mine.update(dismissed_at=timezone.now()):
            turn({user.pk})


@login_required
def phone(request: HttpRequest) -> HttpResponse:
    """Where this person is called: to add one, to choose one, to forget one."""
    user = _supervisor(request)
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _choose(user, form.cleaned_data["address"])
        return redirect("phone")
    answer = {"form": form, "own": show_phones.phones(user), "telnyx": status.current()}
    return render(request, "supervision/phone.html", answer, status=400 if form.errors else 200)


@require_POST
@button
def choose(request: HttpRequest, pk: int) -> None:
    user = _supervisor(request)
    if found := Phone.objects.filter(pk=pk, user=user).first():
        _choose(user, found.address)


@require_POST
@button
def forget(request: HttpRequest, pk: int) -> None:
    user = _supervisor(request)
    with transaction.atomic():
        Phone.objects.filter(pk=pk, user=user).delete()
        turn({user.pk})


@require_POST
@button
def test_call(request: HttpRequest, pk: int) -> None:
    """Call one of their phones, to see that it works."""
    phone_tests.press(_supervisor(request), pk)


def _choose(user: User, address: str) -> None:
    with transaction.atomic():
        Phone.objects.filter(user=user, active=True).update(active=False)
        Phone.objects.update_or_create(user=user, address=address, defaults={"active": True})
        turn({user.pk})


def _supervisor(request: HttpRequest) -> User:
    user = viewer(request)
    if not may_supervise(user.actions):
        raise PermissionDenied
    return user
