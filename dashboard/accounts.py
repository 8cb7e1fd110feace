"""Signing in: who may, what it says when it does not work, and the second factor.

Accounts are made by an admin; nobody signs up. An address that does not exist gets the same words, the same
count of tries and the same time as one that does.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.internal.flows.trust import trust_browser
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.utils import decrypt
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from dashboard.models import User
from dashboard.tries import Tries, code_key, password_key, tries

TOTP_SECONDS = 30
TRUST = "trust"  # the box "Do not ask on this device"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the card says over its fields. `until`: when the next try is possible."""

    tone: str  # "red" or "amber"
    title: str
    text: str
    until: datetime | None = None


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's rules in our words; wrong tries count for one network, so that nobody locks others out."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "enter_current_password": "This is not your password.",
        "incorrect_password": "Wrong password.",
        "incorrect_code": "Wrong code.",
        "too_many_login_attempts": "Too many wrong tries. Wait 15 minutes.",
        "rate_limited": "Too many tries. Wait a minute.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """Without allauth's page about trusting a device: the card of the code has a box for it."""
        return [stage for stage in super().get_login_stages() if stage != "allauth.mfa.stages.TrustStage"]

    def post_login(self, request: HttpRequest, user: User, **login: Any) -> Any:
        """Signed in: whoever ticked the box beside the code is not asked for one here for a while."""
        response = super().post_login(request, user, **login)
        # This address is only reached with the right password, and signs in only with the right factor.
        if (
            request.resolver_match
            and request.resolver_match.url_name == "mfa_authenticate"
            and TRUST in request.POST
        ):
            trust_browser(request, user, response)
        return response

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return password_key(request, credentials.get("email", ""))


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": "Wrong code."}


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail and password. `notice` is set when they were refused."""

    notice: Notice | None = None

    def clean(self) -> Any:
        try:
            return super().clean()
        except ValidationError:
            key = password_key(self.request, self.cleaned_data["login"])
            self.notice = _password_refused(tries(self.request, key))
            raise


def _password_refused(found: Tries) -> Notice:
    if found.until:
        return _locked(found, "Too many wrong tries from this network.")
    text = f"{_more(found)}, then this account waits 15 minutes on this network."
    return Notice("red", "Wrong email or password.", text)


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]
    """A code of the authenticator app, or a recovery code. `notice` is set when it was refused."""

    notice: Notice | None = None

    def clean_code(self) -> str:
        try:
            return str(super().clean_code())
        except ValidationError:
            self.notice = self._refused(self.data["code"])
            raise

    def save(self) -> None:
        super().save()
        if self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            self.authenticator.refresh_from_db()  # the code was marked as used on another copy
            left = len(self.authenticator.wrap().get_unused_codes())
            text = f"Signed in with a recovery code. {left} left."
            messages.warning(context.request, text)

    def _refused(self, code: str) -> Notice:
        found = tries(context.request, code_key(self.user.pk))
        if found.until:
            return _locked(found, "Too many wrong codes.")
        if _is_current(self.user, code):
            wait = TOTP_SECONDS - int(time.time()) % TOTP_SECONDS
            return Notice("amber", "This code was used already.", f"Wait for the next one, {wait} s.")
        text = "Codes change every 30 s; use the newest. Is the clock of your phone right?"
        return Notice("red", f"Wrong code. {_more(found)}.", text)


def _is_current(user: User, code: str) -> bool:
    """Refused although it is the code of this moment: then it was used before."""
    totp = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    return totp is not None and validate_totp_code(decrypt(totp.data["secret"]), code)


def _locked(found: Tries, why: str) -> Notice:
    help_ = "" if found.whole_network else " An admin can unlock it sooner. Others can go on signing in."
    return Notice("red", "Locked until", why + help_, found.until)


def _more(found: Tries) -> str:
    return f"{found.left} more {'try' if found.left == 1 else 'tries'}"
