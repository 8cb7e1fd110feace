"""Who must have a second factor before anything else, while REQUIRE_SECOND_FACTOR is on."""

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.conf import settings

from dashboard.roles import Action

if TYPE_CHECKING:
    from dashboard.models import User

# Who may change what others may do, or hear what callers said. Barging in belongs here as well.
SENSITIVE = frozenset({Action.ADMINISTER, Action.LISTEN_RECORDINGS})
# What is asked for after the password; recovery codes alone are made with one of these.
FACTORS = {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}


def is_missing(user: "User", allowed: AbstractSet[Action]) -> bool:
    """Whether somebody whose role allows this must set up a second factor first.

    People who were read with `authenticator_set` in advance cost no query each.
    """
    if not settings.REQUIRE_SECOND_FACTOR or not allowed & SENSITIVE:
        return False
    return not any(factor.type in FACTORS for factor in user.authenticator_set.all())
