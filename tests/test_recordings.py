"""Recordings from what Telnyx tells: webhooks in any order, reads, deletions; the page that shows them."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.core.management import call_command
from django.test import Client
from httpx import AsyncClient

from dashboard.models import User
from recordings import retention
from recordings.filters import Filters
from recordings.models import Recording, Voice, list_version
from telephony.models import Fact, InboxEvent
from tests.support.drawn import drawn
from tests.support.events import post_webhook
from tests.support.live_page import live_equals_reload
from tests.support.people import Cast
from tests.support.sites import InProcess, session_of_async
from tests.support.story import AGENT, CALLER, CONFERENCE, at, forget, tell, tell_at_once, told

pytestmark = pytest.mark.django_db
SECRET = "https://storage.example/recording.mp3?signature=opens-it"


def saved(number: int = 1, since: float = 10, until: float = 70, **more: Any) -> bytes:
    return told(
        "conference.recording.saved",
        until + 5,
        name=f"saved-{number}",
        recording_id=f"r-{number}",
        recording_started_at=at(since).isoformat(),
        recording_ended_at=at(until).isoformat(),
        format="mp3",
        channels="single",
        recording_urls={"mp3": SECRET, "wav": None},
        public_recording_urls={"mp3": SECRET},
        **more,
    )


CALLED = told(
    "call.initiated", 0, CALLER, direction="incoming", **{"from": "+16175550188", "to": "+13125550100"}
)
DIALLED = told(
    "call.initiated", 1, AGENT, direction="outgoing", **{"from": "+13125550100", "to": "+13125550147"}
)
QUEUED = told("call.enqueued", 0.5, CALLER, queue="Claims")
JOINED = [
    told("conference.participant.joined", 2, CALLER),
    told("conference.participant.joined", 3, AGENT),
]
NAMED = told("read.conference", 4, conference={"name": "Claims 3307", "status": "in_progress"})
PAUSED = told("reply.pause", 30, name="p1", by="Dana Whitfield", legs=[], conference_id=CONFERENCE)
RESUMED = told(
    "reply.resume-recording", 40, name="p2", by="Dana Whitfield", legs=[], conference_id=CONFERENCE
)
STARTED = told("reply.record", 10, name="p0", by="Dana Whitfield", legs=[], conference_id=CONFERENCE)
ENDED = told("conference.ended", 70, reason="all_left")
STORY = [CALLED, QUEUED, DIALLED, *JOINED, NAMED, PAUSED, RESUMED, ENDED, saved()]


def rows() -> list[dict[str, Any]]:
    hidden = {"id", "version", "first_seen_at", "keys"}
    fields = [f.attname for f in Recording._meta.concrete_fields if f.attname not in hidden]
    found = [dict(row) for row in Recording.objects.order_by("at", "recording_id").values(*fields)]
    for row in found:
        heard = Voice.objects.filter(recording__conference_id=row["conference_id"], recording__at=row["at"])
        row["voices"] = list(heard.order_by("place").values_list("leg", "number"))
    return found


def page(user: User, path: str = "/recordings/") -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.engines
def test_a_recording_is_made_of_all_that_was_told() -> None:
    tell(STORY)
    (row,) = rows()
    assert (row["recording_id"], row["name"], row["queue"]) == ("r-1", "Claims 3307", "Claims")
    assert (row["at"], row["ended_at"], row["length_seconds"]) == (at(10), at(70), 60)
    assert row["pauses"] == [[at(30).isoformat(), at(40).isoformat(), "Dana Whitfield"]]
    assert (row["pause_count"], row["paused_seconds"], row["paused_at_end"]) == (1, 10, False)
    assert row["voices"] == [(CALLER, "+16175550188"), (AGENT, "+13125550147")]


def story_orders() -> Sequence[Sequence[bytes]]:
    """Each event last, each first, backwards, and orders of what a recording depends on most.

    Of the latter `make faults` takes all.
    """
    core = [JOINED[0], PAUSED, RESUMED, saved()]
    rest = [body for body in STORY if body not in core]
    turned = [[*STORY[n:], *STORY[:n]] for n in range(len(STORY))]
    return [STORY[::-1], *turned, *([*order, *rest] for order in drawn(permutations(core), 8))]


@pytest.mark.engines
def test_any_order_and_any_repetition_ends_in_the_same_rows() -> None:
    tell(STORY)
    truth = rows()
    for order in story_orders():
        forget()
        Recording.objects.all().delete()
        tell([*order, order[0], order[-1]])
        assert rows() == truth
    tell_at_once(STORY)
    assert rows() == truth


@pytest.mark.engines
def test_a_rebuild_makes_the_same_rows_and_keeps_who_played_them() -> None:
    tell(STORY)
    Recording.objects.update(played_by="Luis Ortega", plays=3)
    truth = rows()
    number, version = Recording.objects.values_list("pk", "version").get()
    Recording.objects.update(name="Wrong", pauses=[], queue="", keys={})
    Voice.objects.all().delete()
    Recording.objects.create(recording_id="never-told-of")
    call_command("rebuild", verbosity=0)
    assert rows() == truth
    assert Recording.objects.get().pk == number
    assert Recording.objects.get().version > version


def test_no_address_of_the_sound_is_kept(cast: Cast) -> None:
    tell(STORY)
    assert "storage.example" not in str(list(Fact.objects.values_list("detail", flat=True)))
    assert "storage.example" not in str(Recording.objects.values().get())
    assert "storage.example" not in page(cast.admin)


@pytest.mark.engines
def test_one_that_ended_and_is_not_saved_yet_is_shown(cast: Cast) -> None:
    tell([CALLED, *JOINED, STARTED, NAMED])
    assert not Recording.objects.exists()
    tell([ENDED])
    assert "Ended 12:01:10, Telnyx is saving it" in page(cast.supervisor)
    tell([saved()])
    assert Recording.objects.get().recording_id == "r-1"
    assert "Telnyx is saving it" not in page(cast.supervisor)


@pytest.mark.engines
def test_paused_until_the_end(cast: Cast) -> None:
    tell([*JOINED, STARTED, PAUSED, ENDED, saved()])
    row = Recording.objects.get()
    assert (row.paused_at_end, row.paused_seconds) == (True, 40)
    assert "paused until the end" in page(cast.supervisor)


@pytest.mark.engines
def test_a_read_tells_what_webhooks_lacked_and_what_is_gone() -> None:
    about = {"recording_id": "r-9", "conference_id": CONFERENCE}
    tell(
        [
            *JOINED,
            told("read.recording", 100, name="n1", duration_millis=58_200, source="conference", **about),
        ]
    )
    row = Recording.objects.get()
    assert (row.duration_millis, row.source) == (58_200, "conference")
    tell([told("read.recording", 200, name="n2", gone=True, **about)])
    assert Recording.objects.get().gone_at == at(200)
    tell([told("read.recording", 150, name="n3", status="completed", **about)])
    assert Recording.objects.get().gone_at == at(200)
    tell([told("read.recording", 300, name="n4", status="completed", **about)])
    assert Recording.objects.get().gone_at is None


def test_facts_go_with_time_and_people_stay_with_the_recording(cast: Cast) -> None:
    tell(STORY)
    Recording.objects.update(first_seen_at=at(0))
    later = at(100) + timedelta(days=30)
    retention.forget(later)
    assert not Fact.objects.filter(subject="recording:r-1").exists()
    call_command("rebuild", verbosity=0)
    tell([told("conference.participant.left", 20, AGENT)])
    assert rows()[0]["voices"] == [(CALLER, "+16175550188"), (AGENT, "+13125550147")]
    Recording.objects.update(deleted_at=at(200), deleted_by="Earshot")
    retention.forget_people(later)
    assert "Number not known" in page(cast.admin)


# --- the page ----------------------------------------------------------------------------------------
def test_who_may_see_it(cast: Cast) -> None:
    tell(STORY)
    for user in (cast.agent, cast.stranger):
        client = Client()
        client.force_login(user)
        assert client.get("/recordings/").status_code == 403
        assert "/recordings/" not in client.get("/queues/").content.decode()
    assert "Priya Nair" in page(cast.supervisor)
    assert "+1 617 ••• 0188" in page(cast.supervisor)
    assert "Delete Claims 3307" not in page(cast.supervisor)
    assert "+1 617 555 0188" in page(cast.admin)
    assert "Delete Claims 3307" in page(cast.admin)


def many() -> None:
    names = ["Sales 4412", "Billing 1846", "Claims 3307"]
    for number, name in enumerate(names):
        row = Recording.objects.create(
            recording_id=f"m-{number}",
            name=name,
            queue=name.partition(" ")[0],
            at=at(number * 86_400),
            ended_at=at(number * 86_400 + 100 * (number + 1)),
            length_seconds=100 * (number + 1),
            pause_count=number,
            paused_at_end=number == 2,
        )
        Voice.objects.create(recording=row, leg=f"v3:{number}", number=f"+1617555018{number}")
    Voice.objects.create(recording=row, leg="v3:agent", number="+13125550147", place=1)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Claims 3307", "Billing 1846", "Sales 4412"]),
        ("sort=oldest", ["Sales 4412", "Billing 1846", "Claims 3307"]),
        ("sort=longest", ["Claims 3307", "Billing 1846", "Sales 4412"]),
        ("q=bill", ["Billing 1846"]),
        ("q=priya", ["Claims 3307"]),
        ("person=Priya+Nair", ["Claims 3307"]),
        ("person=0181", ["Billing 1846"]),
        ("person=%2B1+617+555+0181", ["Billing 1846"]),
        ("queue=Sales", ["Sales 4412"]),
        ("conference=33", ["Claims 3307"]),
        ("since=2026-11-24&until=2026-11-24", ["Billing 1846"]),
        ("until=2026-11-23", ["Sales 4412"]),
        ("pauses=none", ["Sales 4412"]),
        ("pauses=some", ["Claims 3307", "Billing 1846"]),
        ("pauses=end", ["Claims 3307"]),
        ("tab=unheard&queue=Claims", ["Claims 3307"]),
        ("tab=deleted", []),
        ("page=2", []),
        ("since=nonsense&sort=%00&page=-1&tab=x", ["Claims 3307", "Billing 1846", "Sales 4412"]),
    ],
)
@pytest.mark.engines
def test_filters_find(cast: Cast, query: str, names: list[str]) -> None:
    many()
    wanted = Filters.of_key(query)
    found = wanted.on_page(wanted.found(None, full_numbers=False))
    assert [row.name for row in found] == names
    assert ("No recording matches" in page(cast.supervisor, f"/recordings/?{query}")) == (
        not names and query != "page=2"
    )


def test_masked_numbers_cannot_be_guessed_digit_by_digit(cast: Cast) -> None:
    many()
    for part in ("617555", "18", "555018", "55018"):
        assert not Filters(person=part).found(None, full_numbers=False).exists()
        assert Filters(person=part).found(None, full_numbers=True).exists()


def test_an_empty_list_says_so(cast: Cast) -> None:
    assert "No recordings yet" in page(cast.supervisor)


@pytest.mark.django_db(transaction=True)
async def test_a_signed_webhook_reaches_the_open_page(cast: Cast, site: InProcess, http: AsyncClient) -> None:
    session = await session_of_async(cast.supervisor)
    await database_sync_to_async(tell)([CALLED, *JOINED, STARTED, NAMED])

    async def end() -> None:
        await post_webhook(http, ENDED)

    async def save() -> None:
        await post_webhook(http, saved())

    await live_equals_reload(site, session, "/recordings/", end, until=lambda html: "is saving it" in html)
    await live_equals_reload(
        site, session, "/recordings/", save, until=lambda html: "Play Claims 3307" in html
    )
    await live_equals_reload(site, session, "/recordings/?queue=Nowhere", _touch)
    kept = InboxEvent.objects.filter(event_type="conference.recording.saved").order_by("id")
    body = await kept.values_list("body", flat=True).afirst()
    assert b"r-1" in bytes(body or b"")
    assert b"storage.example" not in bytes(body or b"")


def _touch() -> None:
    tell([saved(2, 80, 90)])


@pytest.mark.django_db(transaction=True)
async def test_what_is_pushed_over_the_edge_of_a_page_goes(cast: Cast, site: InProcess) -> None:
    await database_sync_to_async(tell_at_once)([saved(n, n, n + 1) for n in range(2, 62)])
    session = await session_of_async(cast.supervisor)

    def one_more() -> None:
        number = 100 + Recording.objects.count()
        tell([saved(number, number, number + 1)])

    for path in ("/recordings/", "/recordings/?page=2"):
        await live_equals_reload(site, session, path, one_more)


def test_versions_of_the_list_only_grow() -> None:
    before = list_version()
    tell(STORY)
    middle = list_version()
    tell([told("conference.participant.left", 5, AGENT)])
    assert before < middle < list_version()


def test_a_conference_leads_to_its_recordings(cast: Cast) -> None:
    tell([*STORY, saved(2)])
    client = Client()
    client.force_login(cast.supervisor)
    page = client.get(f"/conferences/{CONFERENCE}/").content.decode()
    assert 'href="/recordings/?conference=Claims%203307"' in page
    for name, rows in (("3307", 2), ("3308", 0)):
        found = client.get(f"/recordings/?conference=Claims%20{name}")
        assert len(found.context["recordings"]) == rows, name
