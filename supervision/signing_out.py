"""Whoever signs out leaves: no ear stays in a call of which its owner has no page any more."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from dashboard.commands import Refused
from dashboard.models import Command, User
from supervision import phone_tests
from supervision.commands import hang_up
from supervision.models import Supervision


@receiver(user_logged_out)
def leave(request: HttpRequest, user: User | None, **signal: Any) -> None:
    """Hang up their leg, and say so on the page of signing in."""
    if user is None:
        return
    phone_tests.cancel(user)
    current = Supervision.objects.current(user)
    if current is None:
        return
    name, now = current.conference_name, timezone.localtime()
    if _is_hung_up(current, user):
        messages.info(request, f"Your phone left {name} at {now:%H:%M}.")
    else:
        messages.warning(request, f"Telnyx has not hung up your phone in {name} yet. Hang it up yourself.")


def _is_hung_up(current: Supervision, user: User) -> bool:
    try:
        hang_up(current, user)
    except Refused:  # Telnyx has not answered the press before
        return False
    left = Command.objects.filter(subject=current.subject, action="leave").first()
    # Without a leg the call was called off, and nothing was sent.
    return left is None or left.state in {Command.State.ACCEPTED, Command.State.DONE}
