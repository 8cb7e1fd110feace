"""Whom a raised hand reaches: the supervisors who are signed in and see the conference."""

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from conferences.models import Conference
from dashboard.boards import Audience
from dashboard.roles import Action
from dashboard.viewers import viewers


def supervisors(conference: Conference) -> int:
    """How many people are signed in now who may answer a hand in this conference."""
    kept = SessionStore.get_model_class().objects.filter(expire_date__gt=timezone.now())
    keys = list(kept.values_list("session_key", flat=True))
    there = {one.user: one.audience for one in viewers(keys).values() if _may(one.audience)}
    seen = {audience: _sees(audience, conference) for audience in set(there.values())}
    return sum(seen[audience] for audience in there.values())


def _may(audience: Audience) -> bool:
    return {Action.ANSWER_HANDS, Action.SEE_FLOOR} <= audience.actions


def _sees(audience: Audience, conference: Conference) -> bool:
    return Conference.objects.within(audience.teams).filter(pk=conference.pk).exists()
