"""The inbox in the admin: found by filter, readable whatever came, and dead letters sent round again."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from telephony import bodies, replay
from telephony.models import InboxEvent
from telephony.projection import listen
from tests.support.people import Cast
from tests.support.signing_in import admin_address as address
from tests.support.signing_in import window_of

pytestmark = pytest.mark.django_db
State = InboxEvent.State


@pytest.fixture
def desk(cast: Cast) -> Client:
    return window_of(cast.admin)


def letter(
    event_id: str, state: str = "dead", body: bytes = b"{}", event_type: str = "call.hangup"
) -> InboxEvent:
    return InboxEvent.objects.create(
        event_id=event_id,
        source="webhook",
        event_type=event_type,
        body=body,
        received_at=timezone.now() - timedelta(hours=1),
        state=state,
        attempts=6 if state == "dead" else 0,
        error="ValueError: no" if state == "dead" else "",
        next_attempt_at=timezone.now() + timedelta(days=1) if state == "dead" else None,
    )


def test_dead_letters_wait_again_and_others_are_left(desk: Client) -> None:
    dead, done, other = letter("e-1"), letter("e-2", "projected"), letter("e-3")
    page = desk.post(
        address(InboxEvent), {"action": "replay", "_selected_action": [dead.pk, done.pk]}, follow=True
    )
    assert b"1 dead letter waits again." in page.content
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.error, dead.next_attempt_at) == (State.PENDING, 0, "", None)
    done.refresh_from_db()
    other.refresh_from_db()
    assert (done.state, other.state) == (State.PROJECTED, State.DEAD)


def test_what_was_put_aside_is_shown_with_who_and_why_and_can_be_replayed(desk: Client, cast: Cast) -> None:
    row = letter("e-1")
    assert replay.put_aside(row.pk, "Ruth Adeyemi", "a queue of the test call")
    page = desk.get(address(InboxEvent), {"state__exact": "aside"}).content.decode()
    assert "Ruth Adeyemi: a queue of the test call" in page
    page = desk.get(address(InboxEvent, "change", row.pk)).content.decode()
    assert "Put aside" in page and "a queue of the test call" in page
    desk.post(address(InboxEvent), {"action": "replay", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.state, row.aside_by) == (State.PENDING, "")
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.get_change_message()) == (cast.admin, str(row.pk), "Replayed")


@pytest.mark.django_db(transaction=True)
def test_the_projections_wake_up_for_them() -> None:
    woken: list[int] = []
    listen(lambda _: woken.append(InboxEvent.objects.filter(state="pending").count()))
    assert replay.requeue([letter("e-1").pk]) == 1
    assert woken == [1]


def test_it_is_filtered_by_state_source_and_type(desk: Client) -> None:
    letter("dead-one")
    letter("fine", "projected", event_type="conference.created")
    letter("odd", event_type="")

    def found(**query: str) -> set[str]:
        rows = desk.get(address(InboxEvent), query).context["cl"].result_list
        return {row.event_id for row in rows}

    assert found() == {"dead-one", "fine", "odd"}
    assert found(state__exact="dead") == {"dead-one", "odd"}
    assert found(type="conference.created") == {"fine"}
    assert found(type="") == {"odd"}
    assert found(source__exact="reply") == set()
    assert found(q="dead-") == {"dead-one"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {"event_type": "<script>alert(1)</script>"}}',
        b"\xff\xfe\x00<script>",
        b'{"a": "\\ud800", "b": "\\u0000"}',
        b"[" * 5000,
        b'{"n": ' + b"9" * 5000 + b"}",
        b"NaN",
        b"",
        b'"' + b"x" * 250_000 + b'"',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_any_body_can_be_looked_at(desk: Client, body: bytes) -> None:
    row = letter("e-1", body=body)
    page = desk.get(address(InboxEvent, "change", row.pk))
    assert page.status_code == 200
    assert b"<script>alert" not in page.content
    assert len(page.content) < 100_000


def test_addresses_of_recordings_are_not_shown() -> None:
    secret = "https://s3.example/recording.wav?X-Amz-Signature=abc"
    body = {"data": {"payload": {"recording_urls": {"wav": secret}, "list": [{"download_urls": [secret]}]}}}
    shown = bodies.readable(json.dumps(body).encode())
    assert secret not in shown
    assert json.loads(shown)["data"]["payload"]["recording_urls"] == "not shown"
