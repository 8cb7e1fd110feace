"""What is kept only so long goes, in chunks; what was made of it stays, also through a rebuild."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from conferences.models import Conference, Participant
from dashboard import command_log
from dashboard.models import Command
from queues.models import QueuedCall
from supervisor_site.rebuild import rebuild
from supervisor_site.retention import forget_some
from telephony import retention
from telephony.events import identity
from telephony.models import Call, Fact, InboxEvent
from telephony.projection import Arrival, store
from telephony.replay import put_aside
from tests.support.people import Cast
from tests.support.story import AGENT, CALLER, CONFERENCE, NOON, at, rows, tell, told

pytestmark = [pytest.mark.engines, pytest.mark.django_db]
OLD = [
    told(
        "call.initiated", 0, CALLER, direction="incoming", client_state="c2VjcmV0", **{"from": "+16175550188"}
    ),
    told("call.enqueued", 1, CALLER, queue="Claims"),
    told("call.dequeued", 4, CALLER, queue="Claims", reason="bridged", wait_time_secs=3),
    told("conference.participant.joined", 5, CALLER),
    told("reply.mute", 6, conference_id=CONFERENCE, legs=[CALLER]),
    told("call.hangup", 9, CALLER, hangup_cause="normal_clearing"),
    told("conference.ended", 10, reason="all_left"),
]
LIVE = [
    told("call.initiated", 11, AGENT, direction="outgoing", to="+13125550147"),
    told("conference.participant.joined", 12, AGENT, conference_id="live"),
    told("call.enqueued", 13, AGENT, queue="Claims"),
]


def later(days: float) -> datetime:
    return NOON + timedelta(days=days)


@pytest.fixture
def old(settings: Settings) -> None:
    """Told at noon, as it came then."""
    settings.INBOX_DAYS = 30
    tell(OLD)
    InboxEvent.objects.update(received_at=NOON)
    Conference.objects.update(first_seen_at=NOON)
    Call.objects.update(first_seen_at=NOON)


def tell_live() -> None:
    """A month later."""
    tell(LIVE)
    Call.objects.filter(call_control_id=AGENT).update(first_seen_at=later(31))
    InboxEvent.objects.filter(event_id__in=[identity(body)[0] for body in LIVE]).update(received_at=later(31))


def forget(now: datetime) -> None:
    assert not forget_some(now), "a chunk was full"


@pytest.mark.usefixtures("old")
def test_nothing_goes_before_its_time() -> None:
    before = (rows(), InboxEvent.objects.count())
    forget(later(29.9))
    assert (rows(), InboxEvent.objects.count()) == before


@pytest.mark.usefixtures("old")
def test_who_called_is_forgotten_and_the_figures_stay() -> None:
    forget(later(30.1))
    call = Call.objects.get()
    assert (call.from_number, call.client_state, call.direction, call.ended_at) == ("", "", "incoming", at(9))
    assert not Fact.objects.filter(subject=f"conference:{CONFERENCE}").exists()
    assert InboxEvent.objects.count() == len(OLD)
    forget(later(31.1))
    assert (InboxEvent.objects.count(), Fact.objects.count()) == (0, 0)
    assert (Conference.objects.get().status, Participant.objects.get().muted) == ("completed", True)
    assert QueuedCall.objects.get().left_because == "bridged"


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("days", [30.1, 31.1])
def test_a_rebuild_afterwards_changes_nothing(days: float) -> None:
    tell_live()
    forget(later(days))
    before = rows()
    rebuild()
    after = rows()
    assert {**after, "facts": None} == {**before, "facts": None}
    assert any("+13125550147" in row for row in after["Call"])  # type: ignore[attr-defined]
    assert not any("+16175550188" in row for row in after["Call"])  # type: ignore[attr-defined]


SECRETS = [
    told(
        "reply.exits",
        5.5,
        conference_id=CONFERENCE,
        legs=[CALLER],
        options={},
        answer={"id": "p1", "label": "secret"},
    ),
    told("reply.speak", 6, conference_id=CONFERENCE, legs=[CALLER], options={"payload": "secret"}),
    told("reply.speak", 6.5, conference_id=CONFERENCE, legs=[], options={"payload": "secret"}),
    told("call.gather.ended", 8, CALLER, digits="secret", status="valid"),
    told("call.dtmf.received", 8.5, CALLER, digit="secret"),
]


@pytest.mark.usefixtures("old")
def test_what_was_spoken_keyed_and_labelled_is_forgotten() -> None:
    tell(SECRETS)
    InboxEvent.objects.update(received_at=NOON)
    assert len(secrets_in_rows()) == 2
    forget(later(30.1))
    assert not secrets_in_rows()
    assert not Fact.objects.exclude(subject__startswith="queue:").exists()
    before = rows()
    rebuild()
    assert rows() == before
    forget(later(31.1))
    assert not InboxEvent.objects.exists()


def test_keys_are_forgotten_with_their_call_though_the_conference_goes_on(settings: Settings) -> None:
    settings.INBOX_DAYS = 30
    tell([*OLD[:-1], *SECRETS[3:]])
    InboxEvent.objects.update(received_at=NOON)
    Call.objects.update(first_seen_at=NOON)
    assert Participant.objects.get().keyed_digits == "secret"
    forget(later(30.1))
    assert Participant.objects.get().keyed_digits == ""
    assert not Fact.objects.filter(subject__startswith="call:").exists()
    before = rows()
    rebuild()
    assert rows()["Participant"] == before["Participant"]


def secrets_in_rows() -> list[str]:
    """The tables in which the word still stands."""
    made = rows()
    return [name for name in ("Conference", "Participant") if "secret" in str(made[name])]


@pytest.mark.usefixtures("old")
def test_a_dead_letter_replayed_afterwards_empties_nothing() -> None:
    forget(later(31.1))
    before = rows()
    tell(
        [
            told("conference.participant.left", 8, CALLER, name="late"),
            told("call.dequeued", 3, CALLER, name="later", queue="Claims", reason="timeout"),
        ]
    )
    after = rows()
    assert [after[name] for name in ("Participant", "QueuedCall")] == [
        before[name] for name in ("Participant", "QueuedCall")
    ]


@pytest.mark.usefixtures("old")
def test_what_goes_on_is_kept_with_all_that_it_is_made_of() -> None:
    tell_live()
    InboxEvent.objects.update(received_at=NOON)
    forget(later(31.1))
    kept = set(InboxEvent.objects.values_list("event_type", flat=True))
    assert kept == {"conference.participant.joined", "call.enqueued"}
    assert Call.objects.get(call_control_id=AGENT).to_number == "+13125550147"


@pytest.mark.usefixtures("old")
def test_a_call_whose_end_nobody_told_is_forgotten_too() -> None:
    tell(LIVE[:1])
    Call.objects.filter(call_control_id=AGENT).update(first_seen_at=NOON)
    forget(later(30.1))
    assert Call.objects.get(call_control_id=AGENT).to_number == ""


def test_dead_letters_and_what_waits_stay() -> None:
    store(
        [
            Arrival("dead", "webhook", "", b"{", NOON, "Cannot be read"),
            Arrival("waits", "webhook", "call.initiated", LIVE[0], NOON),
        ]
    )
    forget(later(99))
    assert InboxEvent.objects.count() == 2


def test_what_was_put_aside_goes_as_long_after_that() -> None:
    store([Arrival("dead", "webhook", "", b"{", NOON, "Cannot be read")])
    with time_machine.travel(later(40)):
        assert put_aside(InboxEvent.objects.get().pk, "Ruth Adeyemi", "not ours")
    forget(later(70.9))
    assert InboxEvent.objects.count() == 1
    forget(later(71.1))
    assert InboxEvent.objects.count() == 0


@pytest.mark.usefixtures("old")
def test_nothing_ever_goes_when_the_setting_is_0(settings: Settings) -> None:
    settings.INBOX_DAYS = 0
    forget(later(9999))
    assert InboxEvent.objects.count() == len(OLD)


def test_it_goes_in_chunks() -> None:
    arrivals = [Arrival(f"e{n}", "webhook", "x", b"{}", NOON) for n in range(retention.CHUNK + 3)]
    store(arrivals)
    InboxEvent.objects.update(state=InboxEvent.State.PROJECTED)
    assert forget_some(later(99))
    assert InboxEvent.objects.count() == 3
    assert not forget_some(later(99))


# --- the command log ---------------------------------------------------------------------------------
def pressed(cast: Cast, days_ago: int, settled: bool = True) -> Command:
    at_that_time = timezone.now() - timedelta(days=days_ago)
    return Command.objects.create(
        user=cast.supervisor,
        user_name=cast.supervisor.name,
        action="mute",
        family="mute",
        subject="conference:c-1",
        subject_name="Sales 4412",
        target_key=f"v3:{days_ago}",
        created_at=at_that_time,
        settled_at=at_that_time if settled else None,
    )


def test_the_log_is_kept_for_ever_unless_a_setting_says_otherwise(cast: Cast, settings: Settings) -> None:
    pressed(cast, 1000)
    forget(datetime.now(UTC))
    assert Command.objects.count() == 1
    settings.COMMAND_DAYS = 400
    kept = [pressed(cast, 399), pressed(cast, 900, settled=False)]
    forget(datetime.now(UTC))
    assert set(Command.objects.all()) == set(kept)


def test_the_database_lets_go_only_of_what_is_older_than_its_bound(cast: Cast) -> None:
    old, young = pressed(cast, command_log.KEPT_DAYS + 1), pressed(cast, command_log.KEPT_DAYS - 1)
    old.delete()
    with pytest.raises(IntegrityError, match="cannot be deleted"), transaction.atomic():
        young.delete()
