"""Bearer tokens for programs: 256 random bits, shown once, kept as their SHA-256."""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from dashboard.models import ApiToken, Team
from dashboard.roles import ALL_TEAMS, ROLES

PREFIX = "earshot_"  # lets secret scanners know one
DAYS = 365
ROLES_OF_TOKENS = tuple(role for role in ROLES if role != ALL_TEAMS)
_USE_NOTED_EVERY = timedelta(minutes=1)


class CannotMake(Exception):
    """Why there is no such token, in words."""


def create(name: str, role: str = "supervisor", days: int = DAYS, teams: Collection[str] = ()) -> str:
    """The token's only appearance in plain. `teams` are names; without any it sees all teams.

    Raises `CannotMake`.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(name=name.strip(), role=role, token_hash=_hash(token), expires_at=_end(days))
    row.all_teams = not teams
    _check(row)
    found = _teams(teams)
    try:
        with transaction.atomic():
            row.save()
            row.teams.set(found)
    except IntegrityError:
        raise CannotMake(_taken(row.name)) from None
    return token


def _end(days: int) -> datetime:
    if not 1 <= days <= 3650:
        raise CannotMake("A token holds for 1 to 3650 days.")
    return timezone.now() + timedelta(days=days)


def _check(row: ApiToken) -> None:
    if row.role not in ROLES_OF_TOKENS:
        raise CannotMake(f"There is no role {row.role!r}; there are {', '.join(ROLES_OF_TOKENS)}.")
    if ApiToken.objects.filter(name=row.name).exists():
        raise CannotMake(_taken(row.name))
    try:
        row.clean_fields()
    except ValidationError as wrong:
        raise CannotMake(f"This is not a name for a token: {' '.join(wrong.messages)}") from None


def _teams(names: Collection[str]) -> list[Team]:
    found = {team.name: team for team in Team.objects.filter(name__in=names)}
    if missing := [name for name in names if name not in found]:
        known = ", ".join(Team.objects.values_list("name", flat=True)) or "none yet"
        raise CannotMake(f"There is no team {missing[0]!r}; there are {known}.")
    return list(found.values())


def _taken(name: str) -> str:
    return f"There is a token named {name!r} already, perhaps a revoked one. Choose another name."


def bearer(request: HttpRequest) -> ApiToken | None:
    """The valid token of an `Authorization: Bearer …` header. None: there is none, or it holds no more.

    It is found by its hash, so the time of the look-up tells nothing about a token.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    now = timezone.now()
    holds = Q(revoked_at=None) & Q(expires_at__gt=now)
    row = ApiToken.objects.filter(holds, token_hash=_hash(token.strip())).first()
    if row:
        _note_use(row, now)
    return row


def revoke(tokens: Iterable[int]) -> int:
    """Ends these tokens (primary keys) now; how many held until now."""
    return ApiToken.objects.filter(pk__in=tokens, revoked_at=None).update(revoked_at=timezone.now())


def _note_use(row: ApiToken, now: datetime) -> None:
    """At most once a minute, so that a program that polls does not write with each read."""
    if row.last_used_at is None or now - row.last_used_at >= _USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
