"""What the templates of recordings need beside `shown`."""

from typing import Any

from django import template

from recordings.filters import Filters

register = template.Library()


@register.simple_tag
def query_of(filters: Filters, **other: Any) -> str:
    """The address's query with some fields otherwise: `{% query_of filters tab="soon" %}`."""
    return filters.query(**other)
