"""What every page knows besides its own content."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from dashboard.models import User
from dashboard.rendering import allowed


def page(request: HttpRequest) -> dict[str, Any]:
    """The viewer's actions by name (`may.mute`), theme and density, and the server's clock."""
    user = request.user
    actions = user.actions if isinstance(user, User) else frozenset()
    return {
        "may": allowed(actions),
        "second_factor_first": isinstance(user, User) and user.second_factor_first,
        "theme": user.theme if isinstance(user, User) else "system",
        "compact": isinstance(user, User) and user.compact,
        "now": timezone.now(),
    }
