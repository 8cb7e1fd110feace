"""Who is behind a cookie, read for many sockets at once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from dashboard.boards import Audience
from dashboard.models import User

# The close code of who was not let in, or is not any more: sign in again · the screen was taken away.
SIGNED_OUT, TAKEN_AWAY = 4401, 4410


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: a `Person`, or a device that belongs to nobody."""

    audience: Audience


@dataclass(frozen=True, slots=True)
class Person(Viewer):
    user: int


def device(scope: str) -> Viewer:
    """A device that may watch this scope and do nothing else."""
    return Viewer(Audience(frozenset(), frozenset(), only=scope))


@dataclass(frozen=True, slots=True)
class Entrance:
    """One way to the live pages: the cookie that is asked for, and who is behind each of its values.

    `viewers` reads the database; whom it does not name is closed with `closed_with`. Nobody who came by one
    entrance is looked for at another.
    """

    cookie: str
    viewers: Callable[[Collection[str]], Mapping[str, Viewer]]
    closed_with: int


def viewers(session_keys: Collection[str]) -> dict[str, Person]:
    """The signed-in, active people by session key; what is missing here is signed out.

    Four queries, and one more where second factors are required.
    Anybody may send any text as a cookie: only what can be a key is looked up (PostgreSQL refuses NUL).
    """
    possible = [key for key in session_keys if key.isalnum()]
    rows = SessionStore.get_model_class().objects.filter(
        session_key__in=possible, expire_date__gt=timezone.now()
    )
    claims = {row.session_key: _claim(row.session_data) for row in rows}
    people = _people({claim.user for claim in claims.values() if claim})
    return {
        key: Person(Audience(user.actions, user.scope), user.pk)
        for key, claim in claims.items()
        if claim and (user := people.get(claim.user)) and _holds(claim, user)
    }


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a session says: which account, and a hash that a new password makes void."""

    user: int
    hash: str


# The beat reads the same sessions again and again: only new text is decoded.
@lru_cache(maxsize=4096)
def _claim(session_data: str) -> _Claim | None:
    said = SessionStore().decode(session_data)
    if said.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    try:
        return _Claim(int(said[SESSION_KEY]), str(said[HASH_SESSION_KEY]))
    except (KeyError, ValueError):
        return None


def _people(ids: Collection[int]) -> dict[int, User]:
    rows = ["groups", "teams", *(["authenticator_set"] if settings.REQUIRE_SECOND_FACTOR else [])]
    found = User.objects.filter(pk__in=ids, is_active=True).select_related("agent").prefetch_related(*rows)
    return {user.pk: user for user in found}


def _holds(claim: _Claim, user: User) -> bool:
    return claim.hash in {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}


PEOPLE = Entrance(settings.SESSION_COOKIE_NAME, viewers, SIGNED_OUT)
