"""What the templates of the activity need beside `shown`."""

from typing import Any

from django import template

from activity.filters import Filters

register = template.Library()


@register.simple_tag
def query_with(filters: Filters, **other: Any) -> str:
    """The address's query with some fields otherwise: `{% query_with filters view="commands" %}`."""
    return filters.query(**other)
