"""The story of a conference: each thing that happened once, in words, newest first."""

import pytest

from conferences.models import Conference
from conferences.timeline import happenings
from telephony.events import encode
from tests.support.people import Cast
from tests.support.story import AGENT, CALLER, CONFERENCE, at, tell, told

pytestmark = pytest.mark.django_db

CALLED = told("call.initiated", 0, CALLER, direction="incoming", **{"from": "+16175550188"})
DIALLED = told("call.initiated", 1, AGENT, direction="outgoing", to="+13125550147")


def story() -> list[str]:
    conference = Conference.objects.get(pk=CONFERENCE)
    return [line.words for line in happenings(conference, full_numbers=False, lines=20)]


def read(seconds: float, **found: object) -> bytes:
    payload = {"conference_id": CONFERENCE, **found}
    return encode("read.conference", f"read:{seconds}", at(seconds), payload)


def test_it_is_told_newest_first_and_by_name(cast: Cast) -> None:
    tell(
        [
            CALLED,
            DIALLED,
            told("conference.created", 2, CALLER),
            told("conference.participant.joined", 3, CALLER),
            told("conference.participant.joined", 4, AGENT),
            told("conference.floor.changed", 5, AGENT),
            told("conference.participant.left", 8, CALLER),
            told("conference.ended", 9, reason="all_left"),
        ]
    )
    assert story() == [
        "Conference ended: everybody left",
        "+1 617 ••• 0188 left",
        "Priya Nair took the floor",
        "Priya Nair joined",
        "+1 617 ••• 0188 joined",
        "Conference started",
    ]


def test_what_a_read_and_a_webhook_both_told_is_told_once(cast: Cast) -> None:
    tell(
        [
            DIALLED,
            read(3, joined={AGENT: at(2.5).isoformat()}),
            told("conference.participant.joined", 2, AGENT),
        ]
    )
    assert story() == ["Priya Nair joined"]


def test_what_only_a_read_found_is_told(cast: Cast) -> None:
    tell([DIALLED, read(3, joined={AGENT: at(2).isoformat()}, muted={AGENT: True}), read(99, left=[AGENT])])
    assert story() == ["Priya Nair left", "Priya Nair muted", "Priya Nair joined"]
