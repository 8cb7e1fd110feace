"""How many wrong tries are left before signing in waits, and until when it waits.

allauth counts the tries (setting ACCOUNT_RATE_LIMITS, `login_failed`) but tells nobody; its counts are read
here. They are kept per address that was typed, known or not, and per network.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import time

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

_APP, _ACTION = "allauth.account", "login_failed"


@dataclass(frozen=True, slots=True)
class Tries:
    """`left` wrong tries; at 0 the next is possible at `until`. `whole_network`: not this account alone."""

    left: int
    until: datetime | None
    whole_network: bool


def password_key(request: HttpRequest, email: str) -> str:
    """Where the wrong passwords for one address from one network are counted, since it was last unlocked."""
    email = email.strip().lower()
    return f"{ratelimit.get_ip(request)}:{email}:{cache.get(_unlocked(email), 0)}"


def code_key(user_id: int) -> str:
    """Where allauth counts the wrong second factors of somebody whose password was right."""
    return f"mfa-auth-user-{user_id}"


def tries(request: HttpRequest, key: str) -> Tries:
    """What is left under `key`, the strictest of the limits that hold."""
    rates = ratelimit.get_rates(app=_APP, action=_ACTION)
    return min((_under(request, rate, key) for rate in rates), key=_strictness)


def unlock(request: HttpRequest, email: str, user_id: int) -> None:
    """Forgets the wrong tries of one account, on every network."""
    mark = _unlocked(email.strip().lower())
    cache.set(mark, cache.get(mark, 0) + 1, timeout=None)
    ratelimit.clear(request, app=_APP, action=_ACTION, key=code_key(user_id))


def _under(request: HttpRequest, rate: ratelimit.Rate, key: str) -> Tries:
    stored = ratelimit.get_cache_key(request, app=_APP, action=_ACTION, rate=rate, key=key)
    recent = [at for at in cache.get(stored, []) if at > time() - rate.duration]
    left = max(rate.amount - len(recent), 0)
    until = None if left else datetime.fromtimestamp(min(recent) + rate.duration, UTC)
    return Tries(left, until, whole_network=rate.per == "ip")


def _strictness(found: Tries) -> tuple[int, float]:
    return found.left, -found.until.timestamp() if found.until else 0.0


def _unlocked(email: str) -> str:
    return f"earshot.unlocked.{email}"
