"""Drift: what reads found to be otherwise, counted by what it was."""

from datetime import timedelta

import pytest
from django.utils import timezone

from telephony import status
from telephony.drift import drift
from telephony.models import InboxEvent, TelnyxStatus
from tests.support.people import Cast
from tests.support.signing_in import admin_address, window_of
from tests.support.story import AGENT, CALLER, at, tell, told

pytestmark = [pytest.mark.engines, pytest.mark.django_db]
FOUND = [
    told(
        "read.conference",
        1,
        conference={"name": "Sales"},
        joined={CALLER: at(0).isoformat(), AGENT: at(1).isoformat()},
    ),
    told("read.conference", 2, muted={CALLER: True, AGENT: False}, on_hold={AGENT: True}, left=[CALLER]),
    told("read.conference", 3, ended={"reason": "all_left"}),
    told(
        "read.queue",
        4,
        queue="Claims",
        settings={"max_size": 5},
        joined={CALLER: at(3).isoformat()},
        kept=[CALLER],
    ),
    told("read.queue", 5, queue="Claims", left=[CALLER], absent=True),
    told("conference.participant.joined", 6, CALLER),
    told("reply.mute", 7, conference_id="c", legs=[CALLER]),
]


def test_it_counts_what_was_repaired_and_nothing_else() -> None:
    tell(FOUND)
    assert drift(timezone.now() - timedelta(minutes=1)) == {
        "joined": 2,
        "muted": 2,
        "held": 1,
        "left": 1,
        "ended": 1,
        "enqueued": 1,
        "dequeued": 1,
    }


def test_it_counts_since_the_read_whenever_it_happened() -> None:
    tell(FOUND[:2])
    hour_ago = timezone.now() - timedelta(hours=1)
    InboxEvent.objects.filter(event_id="read.conference--1").update(received_at=hour_ago)
    assert set(drift(timezone.now() - timedelta(minutes=1))) == {"muted", "held", "left"}
    assert drift(timezone.now()) == {}


def test_it_is_shown_in_the_admin(cast: Cast) -> None:
    tell(FOUND[:2])
    status.answered(84)
    desk = window_of(cast.admin)
    words = "6: 2 joined, 2 muted, 1 held, 1 left"
    page = desk.get(admin_address(TelnyxStatus, "change", 1)).content.decode()
    for label in ("last hour", "last 24 hours", "last 7 days"):
        assert f"epaired by reads, {label}" in page
    assert page.count(words) == 3
    link = "/admin/telephony/fact/?source__exact=read"
    assert link in page
    assert "joined" in desk.get(link).content.decode()


def test_none_is_said_as_none(cast: Cast) -> None:
    status.answered(84)
    assert "none" in window_of(cast.admin).get(admin_address(TelnyxStatus, "change", 1)).content.decode()
