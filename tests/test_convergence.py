"""Whatever order events come in, and however often, the same rows are the end of it."""

import itertools
import random
from collections.abc import Sequence

import pytest

from tests.support.story import AGENT, CALLER, forget, rows, tell, told

pytestmark = pytest.mark.django_db

STORIES: dict[str, list[bytes]] = {
    "a call through a conference": [
        told(
            "call.initiated",
            0,
            CALLER,
            direction="incoming",
            **{"from": "+16175550188", "to": "+13125550100"},
        ),
        told("conference.created", 1, CALLER),
        told("conference.participant.joined", 2, CALLER),
        told("conference.participant.joined", 3, AGENT),
        told("conference.floor.changed", 4, AGENT),
        told("conference.participant.left", 9, CALLER),
        told("conference.ended", 10, reason="all_left"),
    ],
    "left and joined again": [
        told("conference.participant.joined", 1, CALLER),
        told("conference.participant.left", 2, CALLER),
        told("conference.participant.joined", 3, CALLER),
        told("conference.participant.left", 4, CALLER),
        told("conference.participant.joined", 5, CALLER),
        told("call.hangup", 6, CALLER, hangup_cause="normal_clearing"),
    ],
    "queued twice": [
        told("call.enqueued", 1, CALLER, queue="Sales"),
        told("call.dequeued", 2, CALLER, queue="Sales", reason="leave", wait_time_secs=1),
        told("call.enqueued", 3, CALLER, queue="Sales"),
        told("call.enqueued", 4, AGENT, queue="Sales"),
        told("call.dequeued", 5, CALLER, queue="Sales", reason="bridged", wait_time_secs=2),
        told("call.hangup", 6, AGENT, hangup_cause="normal_clearing"),
    ],
    "everything in one instant": [
        told("conference.created", 1, CALLER),
        told("conference.participant.joined", 1, CALLER),
        told("conference.floor.changed", 1, CALLER),
        told("conference.participant.left", 1, CALLER),
        told("call.hangup", 1, CALLER),
        told("conference.ended", 1, reason="all_left"),
    ],
    "announcements and recordings": [
        told("conference.playback.started", 1, media_name="hold-notice"),
        told("conference.playback.ended", 2, media_name="hold-notice"),
        told("conference.participant.speak.started", 3, CALLER),
        told("conference.participant.joined", 0, CALLER),
        told("conference.recording.saved", 5, recording_id="r1", recording_ended_at="2026-11-23T12:00:05Z"),
    ],
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_any_order_and_any_duplicate_ends_in_the_same_rows(story: Sequence[bytes]) -> None:
    tell(story)
    truth = rows()
    orders = list(itertools.permutations(story))
    chosen = random.Random(11)
    for order in chosen.sample(orders, 12):
        forget()
        tell([*order, chosen.choice(order)])
        assert rows() == truth


def test_a_batch_gives_the_rows_that_single_events_give() -> None:
    from supervisor_site.webhooks import project_now
    from telephony.events import parse
    from telephony.projection import Arrival, store
    from tests.support.story import NOON

    every = [body for story in STORIES.values() for body in story]
    tell(every)
    truth = rows()
    forget()
    read = [(parse(body, source="webhook", received_at=NOON), body) for body in every]
    store([Arrival(found.id, "webhook", found.type, body, NOON) for found, body in read])
    project_now()
    assert rows() == truth
