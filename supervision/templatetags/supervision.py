"""What is one supervisor's own on a page that they load. In what is pushed to many it is empty."""

from typing import Any

from django import template
from django.template.loader import render_to_string

from bridged_calls.models import BridgedCall
from conferences.models import Conference
from dashboard.models import User
from supervision import bridged_show, show, show_own
from supervision.live import may_supervise

register = template.Library()


@register.simple_tag(takes_context=True)
def own_phone(context: dict[str, Any]) -> str:
    """The cell of the top bar."""
    user = _supervisor(context)
    return render_to_string("supervision/_own_phone.html", {"own": show_own.own_phone(user)}) if user else ""


@register.simple_tag(takes_context=True)
def supervise(context: dict[str, Any], conference_id: str) -> str:
    """Supervise in one conference."""
    user = _supervisor(context)
    found = Conference.objects.filter(pk=conference_id).first() if user else None
    if user is None or found is None:
        return ""
    return render_to_string("supervision/_panel.html", {"panel": show.panel(user, found)})


@register.simple_tag(takes_context=True)
def supervise_call(context: dict[str, Any], pk: int) -> str:
    """Supervise on one call of two legs."""
    user = _supervisor(context)
    found = BridgedCall.objects.filter(pk=pk).first() if user else None
    if user is None or found is None:
        return ""
    return render_to_string("supervision/_panel.html", {"panel": bridged_show.panel(user, found)})


def _supervisor(context: dict[str, Any]) -> User | None:
    user = context.get("user")
    return user if isinstance(user, User) and may_supervise(user.actions) else None
