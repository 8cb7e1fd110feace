"""What the health page's templates need: its times, shapes and the chart of webhooks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from dashboard.templatetags.shown import icon
from supervisor_site import measures
from supervisor_site.health_page import count_of

register = template.Library()

WIDTH, HEIGHT = 600, 80
SHAPES = {"ok": "ring", "idle": "ring", "unknown": "half", "amber": "triangle", "red": "octagon"}


@register.simple_tag
def health_count() -> SafeString:
    """The count of what is down, as the fragment that the live page pushes."""
    drawn = get_template("health/_count.html").render(count_of(measures.current()))
    return mark_safe(drawn)  # noqa: S308 - a template has drawn it


@register.simple_tag
def webhooks_status() -> SafeString:
    """Whether webhooks are missing, as the fragment that the live page pushes."""
    drawn = get_template("health/_webhooks_status.html").render(measures.hearing())
    return mark_safe(drawn)  # noqa: S308 - a template has drawn it


@register.simple_tag
def clock_off() -> dict[str, Any]:
    """`clock`: how far this server's clock is from Telnyx's, in words; "" when that is no trouble."""
    banner = measures.current().parts.get("health-banner", {}).get("shown", {})
    return {"clock": banner.get("clock", ""), "refused": banner.get("refused", False)}


@register.filter
def moment(text: str | None) -> datetime | None:
    """A time of the stored report."""
    return datetime.fromisoformat(text) if text else None


@register.simple_tag
def level_shape(level: str) -> SafeString:
    return icon(SHAPES[level])


@register.filter
def chart(shown: dict[str, Any]) -> dict[str, Any]:
    """Bars of the last hour in a box of 600 × 80, their minutes, and from where on nothing came."""
    rate: Sequence[int] = shown["rate"]
    end = datetime.fromisoformat(shown["until"]).replace(second=0, microsecond=0)
    top = _top(max(rate))
    step = WIDTH / len(rate)
    rows = [(end - timedelta(minutes=len(rate) - 1 - place), count) for place, count in enumerate(rate)]
    bars = [
        (round(place * step + 1, 1), round(HEIGHT - count / top * HEIGHT, 1), round(count / top * HEIGHT, 1))
        for place, count in enumerate(rate)
        if count
    ]
    silent = max((place for place, count in enumerate(rate) if count), default=-1) + 1
    return {
        "rows": rows,
        "bars": bars,
        "width": step - 2,
        "top": top,
        "middle": top // 2,
        "ticks": [rows[place][0] for place in (0, 15, 30, 45, 59)],
        "silent": round(silent * step, 1),
        "silent_width": round((len(rate) - silent) * step, 1),
        "total": sum(rate),
    }


def _top(most: int) -> int:
    """The next round number: 2, 4, 8, 20, 40, 80, 200 …"""
    power = 1
    while True:
        for step in (2, 4, 8):
            if most <= step * power:
                return step * power
        power *= 10
