"""Fragments are rendered with the templates that pages include, with what an audience may do and no more."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import get_template

from dashboard.boards import Audience
from dashboard.roles import Action


def allowed(actions: frozenset[Action]) -> dict[str, bool]:
    """`may` as templates ask it: `{% if may.mute %}`."""
    return {action.name.lower(): True for action in actions}


def html(template: str, audience: Audience, values: Mapping[str, Any]) -> str:
    return get_template(template).render({**values, "may": allowed(audience.actions)}).strip()
