"""The health page: who may see it, that it is live, and what is done with dead letters."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from channels.db import database_sync_to_async
from django.test import Client
from django.utils import timezone

from dashboard.models import Command
from dashboard.pokes import poke
from supervisor_site import measures, tally
from supervisor_site.heart import Heart
from supervisor_site.models import HealthReport, Vital
from supervisor_site.webhooks import project_now
from telephony.models import InboxEvent
from tests.support.events import post_webhook
from tests.support.live_page import live_equals_reload
from tests.support.page import Page
from tests.support.people import Cast
from tests.support.signing_in import window_of
from tests.support.sites import InProcess, session_of_async
from tests.support.story import CALLER, tell, told

pytestmark = pytest.mark.django_db(transaction=True)
State = InboxEvent.State
ASIDE = "/health/letters/{}/put-aside"


def letter(event_id: str = "poison") -> InboxEvent:
    """A webhook that could not be projected, though nothing is wrong with it now."""
    return InboxEvent.objects.create(
        event_id=event_id,
        source="webhook",
        event_type="call.enqueued",
        body=told("call.enqueued", 5, CALLER, name=event_id, queue="Claims"),
        received_at=timezone.now() - timedelta(hours=3),
        state=State.DEAD,
        attempts=6,
        error="ValueError: the queue was deleted before it",
    )


def state_of(key: str) -> str:
    return str(measures.current().parts[f"tile-{key}"]["shown"]["words"])


# --- who may -----------------------------------------------------------------------------------------
def test_only_admins_see_it(cast: Cast) -> None:
    assert window_of(cast.admin).get("/health/").status_code == 200
    for user in (cast.supervisor, cast.agent, cast.stranger):
        assert window_of(user).get("/health/").status_code == 403
    answer = Client().get("/health/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=/health/")


def test_only_admins_replay_or_put_aside(cast: Cast) -> None:
    row = letter()
    for path in (f"/health/letters/{row.pk}/replay", ASIDE.format(row.pk), "/health/letters/replay-all"):
        for user in (cast.supervisor, cast.agent, cast.stranger):
            assert window_of(user).post(path, {"reason": "mine"}).status_code == 403
        assert Client().post(path).status_code == 401
        assert window_of(cast.admin).get(path).status_code == 405
    row.refresh_from_db()
    assert row.state == State.DEAD


@pytest.mark.parametrize("scope", ["health", "trouble", "health:1"])
async def test_only_admins_are_pushed_to(cast: Cast, site: InProcess, scope: str) -> None:
    async def first(session: str) -> str:
        async with site.live(session) as socket:
            await socket.send(json.dumps({"watch": [scope]}))
            try:
                return str(json.loads(await socket.receive())["type"])
            except Exception as closed:
                return str(closed)

    assert await first(await session_of_async(cast.supervisor)) == "closed with 4403"
    expected = "closed with 4403" if ":" in scope else "snapshot"
    assert await first(await session_of_async(cast.admin)) == expected


# --- what it shows --------------------------------------------------------------------------------------
def test_a_beat_of_this_process_is_on_the_page(cast: Cast) -> None:
    tally.WORKER.last = None  # the worker of another test may have come round in this process
    Heart(serves=True).beat()
    html = window_of(cast.admin).get("/health/").content.decode()
    assert "1 web" in html
    for words in ("Not asked yet", "All in step", "Not used", "Keeps up", "Answers"):
        assert words in html
    assert "Stopped" in html  # no worker has come round in this process
    assert '<span class="sr"> down</span>' in html


def test_the_navigation_counts_what_is_down_for_admins_only(cast: Cast) -> None:
    measures.measure()
    down = measures.current().parts["health-count"]["shown"]["down"]
    assert down >= 1
    assert f'{down}<span class="sr"> down</span>' in window_of(cast.admin).get("/floor/").content.decode()
    html = window_of(cast.supervisor).get("/floor/").content.decode()
    assert "health-count" not in html
    assert [scope for scope in Page(html).scopes if not scope.startswith("phone:")] == ["floor"]


def test_a_process_that_ended_long_ago_is_forgotten() -> None:
    old = timezone.now() - timedelta(hours=26)
    Vital.objects.create(process="gone", started_at=old, beat_at=old, figures={})
    Heart(serves=True).beat()
    assert not Vital.objects.filter(process="gone").exists()
    assert Vital.objects.count() == 1


async def test_webhooks_taken_in_and_refused_are_counted(cast: Cast, http: httpx.AsyncClient) -> None:
    heart = await database_sync_to_async(Heart)(serves=True)
    body = told("call.initiated", 0, CALLER)
    headers = {"content-type": "application/json"}

    async def counted() -> tuple[int, int]:
        await database_sync_to_async(heart.beat)()
        figures = await database_sync_to_async(measures.gather)(timezone.now())
        (process,) = figures.processes
        return sum((process.webhooks or {}).values()), sum((process.refused or {}).values())

    kept, refused = await counted()
    assert (await post_webhook(http, body)).status_code == 200
    assert (await http.post("/webhooks/telnyx", content=body, headers=headers)).status_code == 403
    assert await counted() == (kept + 1, refused + 1)


def test_webhooks_that_fail_to_come_while_calls_are_up_are_said(cast: Cast) -> None:
    from telephony import status

    tell([told("call.enqueued", 1, CALLER, queue="Claims")])
    status.answered(84)
    last = (timezone.now() - timedelta(seconds=250)).timestamp()
    now = timezone.now()
    webhooks = {"last": last, "minutes": {str(int(last // 60)): 30}}
    Vital.objects.create(
        process="a", started_at=now, beat_at=now, figures={"serves": True, "webhooks": webhooks}
    )
    measures.measure()
    assert state_of("webhooks") == "None for"
    html = window_of(cast.admin).get("/health/").content.decode()
    assert "while 1 call is up" in html
    assert "Check the address in the Telnyx portal" in html


# --- versions ------------------------------------------------------------------------------------------
def test_versions_only_grow_and_what_stays_the_same_keeps_its_own() -> None:
    measures.measure()
    before = {key: part["version"] for key, part in measures.current().parts.items()}
    letter()
    assert measures.measure() == {measures.CHANGE}
    after = {key: part["version"] for key, part in measures.current().parts.items()}
    assert after["health-letters"] > before["health-letters"]
    assert after["tile-inbox"] > before["tile-inbox"]
    assert after["tile-redis"] == before["tile-redis"]
    assert max(before.values()) < max(after.values())


def test_processes_that_measure_at_once_do_it_once() -> None:
    measures.measure()
    version = HealthReport.objects.get().version
    assert measures.measure(unless_within=timedelta(minutes=1)) == set()
    assert HealthReport.objects.get().version == version


@pytest.mark.engines
async def test_the_page_is_live(cast: Cast, site: InProcess) -> None:
    await database_sync_to_async(measures.measure)()

    def die() -> None:
        letter()
        poke(measures.measure())

    session = await session_of_async(cast.admin)
    page = await live_equals_reload(site, session, "/health/", die)
    letters = page.fragments()["health-letters"]
    assert "call.enqueued" in letters


async def test_the_count_is_live_on_other_pages(cast: Cast, site: InProcess) -> None:
    await database_sync_to_async(measures.measure)()
    down = (await measures_current())["health-count"]["shown"]["down"]

    def revive() -> None:
        now = timezone.now()
        told = {"serves": True, "worked": now.timestamp()}
        Vital.objects.create(process="a", started_at=now, beat_at=now, figures=told)
        poke(measures.measure())

    page = await live_equals_reload(site, await session_of_async(cast.admin), "/queues/", revive)
    assert set(page.fragments()) == {"telnyx-status", "webhooks-status", "health-count", "own-phone"}
    assert (await measures_current())["health-count"]["shown"]["down"] == down - 1


async def measures_current() -> dict[str, measures.Shown]:
    parts: dict[str, measures.Shown] = (await database_sync_to_async(measures.current)()).parts
    return parts


def test_what_reads_repaired_in_the_last_hour_is_shown(cast: Cast) -> None:
    from telephony.events import encode

    now = timezone.now()
    found = {"conference_id": "c-1", "joined": {CALLER: now.isoformat()}, "muted": {CALLER: True}}
    tell([encode("read.conference", "read:1", now, found)])
    measures.measure()
    assert state_of("drift") == "1 in an hour"


# --- dead letters -----------------------------------------------------------------------------------------
def test_a_dead_letter_says_what_where_who_and_why(cast: Cast) -> None:
    tell([told("call.initiated", 0, CALLER, direction="incoming", **{"from": "+16175550188"})])
    row = letter()
    measures.measure()
    html = window_of(cast.admin).get("/health/").content.decode()
    for words in (
        "call.enqueued",
        "Claims",
        "+1 617 ••• 0188",
        "the queue was deleted before it",
        "1 dead letter",
    ):
        assert words in html
    assert f"/admin/telephony/inboxevent/{row.pk}/change/" in html
    assert "6175550188" not in html


def test_letters_that_cannot_be_read_are_shown_too(cast: Cast) -> None:
    for number, body in enumerate((b"\xff\x00", b"[" * 5000, b'{"data": {}}', b"")):
        InboxEvent.objects.create(
            event_id=f"odd-{number}",
            source="webhook",
            body=body,
            received_at=timezone.now(),
            state=State.DEAD,
        )
    odd = json.dumps(
        {"data": {"id": "n", "event_type": "a\u0000b", "payload": {"queue": 7, "call_control_id": []}}}
    )
    InboxEvent.objects.create(
        event_id="n", source="webhook", body=odd.encode(), received_at=timezone.now(), state=State.DEAD
    )
    measures.measure()
    assert window_of(cast.admin).get("/health/").content.decode().count("unreadable</th>") == 5


def test_a_replay_projects_it_and_a_second_one_is_refused(cast: Cast) -> None:
    from queues.models import QueuedCall

    row = letter()
    desk = window_of(cast.admin)
    assert desk.post(f"/health/letters/{row.pk}/replay").status_code == 204
    project_now()
    assert QueuedCall.objects.get().queue.name == "Claims"
    answer = desk.post(f"/health/letters/{row.pk}/replay")
    assert (answer.status_code, answer.json()["title"]) == (409, "This letter is not dead any more.")


def test_all_are_replayed_at_once(cast: Cast) -> None:
    for number in range(25):
        letter(f"poison-{number}")
    measures.measure()
    desk = window_of(cast.admin)
    html = desk.get("/health/").content.decode()
    assert "Replay all 25" in html
    assert html.count('/replay"') == 20
    assert desk.post("/health/letters/replay-all").status_code == 204
    assert not InboxEvent.objects.filter(state=State.DEAD).exists()
    assert desk.post("/health/letters/replay-all").status_code == 409


async def test_a_replay_is_seen_by_everybody(cast: Cast, site: InProcess) -> None:
    row = await database_sync_to_async(letter)()
    await database_sync_to_async(measures.measure)()
    desk = await database_sync_to_async(window_of)(cast.admin)

    def press() -> None:
        assert desk.post(f"/health/letters/{row.pk}/replay").status_code == 204

    page = await live_equals_reload(site, await session_of_async(cast.admin), "/health/", press)
    assert "call.enqueued" not in page.fragments()["health-letters"]


# --- put aside --------------------------------------------------------------------------------------------
def log() -> list[tuple[str, str, str, Any]]:
    return list(Command.objects.values_list("user_name", "action", "subject_name", "detail"))


def test_a_letter_put_aside_is_kept_and_no_trouble_any_more(cast: Cast) -> None:
    row = letter()
    measures.measure()
    assert state_of("inbox") == "1 dead letter"
    answer = window_of(cast.admin).post(ASIDE.format(row.pk), {"reason": "  A queue\x00 of\nthe test call  "})
    assert answer.status_code == 204
    assert state_of("inbox") == "Keeps up"
    row.refresh_from_db()
    assert (row.state, row.aside_by, row.aside_reason) == (
        State.ASIDE,
        "Ruth Adeyemi",
        "A queue of the test call",
    )
    assert bytes(row.body) and row.error
    html = window_of(cast.admin).get("/health/").content.decode()
    for words in ("1 put aside", "Ruth Adeyemi, ", "A queue of the test call", "Claims"):
        assert words in html
    assert "Waiting for you" not in html
    assert log() == [("Ruth Adeyemi", "put-aside", "call.enqueued", {"reason": "A queue of the test call"})]


@pytest.mark.parametrize("reason", ["", "   ", "\x00\n"])
def test_a_reason_must_be_given(cast: Cast, reason: str) -> None:
    row = letter()
    answer = window_of(cast.admin).post(ASIDE.format(row.pk), {"reason": reason})
    assert (answer.status_code, answer.json()["title"]) == (400, "Say why.")
    row.refresh_from_db()
    assert row.state == State.DEAD
    assert log() == []


def test_a_long_reason_is_cut(cast: Cast) -> None:
    row = letter()
    assert window_of(cast.admin).post(ASIDE.format(row.pk), {"reason": "ü" * 5000}).status_code == 204
    row.refresh_from_db()
    assert row.aside_reason == "ü" * 200


def test_what_is_not_dead_cannot_be_put_aside(cast: Cast) -> None:
    row, desk = letter(), window_of(cast.admin)
    assert desk.post(ASIDE.format(row.pk), {"reason": "once"}).status_code == 204
    for pk in (row.pk, row.pk + 1000):
        assert desk.post(ASIDE.format(pk), {"reason": "twice"}).status_code == 409
    row.refresh_from_db()
    assert row.aside_reason == "once"


def test_what_was_put_aside_can_be_replayed_by_itself_and_not_with_all(cast: Cast) -> None:
    from queues.models import QueuedCall

    row, desk = letter(), window_of(cast.admin)
    desk.post(ASIDE.format(row.pk), {"reason": "later"})
    assert desk.post("/health/letters/replay-all").status_code == 409
    assert desk.post(f"/health/letters/{row.pk}/replay").status_code == 204
    project_now()
    assert QueuedCall.objects.get().queue.name == "Claims"
    row.refresh_from_db()
    assert (row.state, row.aside_at, row.aside_by, row.aside_reason) == (State.PROJECTED, None, "", "")
    assert [action for _, action, _, _ in log()] == ["replay", "put-aside"]


async def test_putting_aside_is_seen_by_everybody(cast: Cast, site: InProcess) -> None:
    row = await database_sync_to_async(letter)()
    await database_sync_to_async(measures.measure)()
    desk = await database_sync_to_async(window_of)(cast.admin)

    def press() -> None:
        assert desk.post(ASIDE.format(row.pk), {"reason": "not ours"}).status_code == 204

    page = await live_equals_reload(site, await session_of_async(cast.admin), "/health/", press)
    assert "not ours" in page.fragments()["health-letters"]
