"""`/metrics`: what is counted, and who may read it."""

from datetime import timedelta

import httpx
import pytest
from channels.db import database_sync_to_async
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from dashboard import tokens
from telephony import status
from telephony.models import InboxEvent
from tests.support.events import WEBHOOK_PATH, event, post_webhook
from tests.support.people import gather_cast
from tests.support.sites import InProcess, session_of_async
from tests.support.waiting import eventually_async


def read(token: str) -> dict[str, float]:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.django_db
def test_only_a_token_of_an_admin_reads_them(cast: object) -> None:
    assert Client().get("/metrics").status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer nothing"}).status_code == 401
    token = tokens.create("wallboard", "supervisor")
    assert Client().get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 403


@pytest.mark.django_db(transaction=True)
async def test_a_webhook_is_counted_on_its_whole_way(http: httpx.AsyncClient, site: InProcess) -> None:
    cast = await database_sync_to_async(gather_cast)()
    token = await database_sync_to_async(tokens.create)("prometheus", "admin")
    before = await database_sync_to_async(read)(token)
    async with site.live(await session_of_async(cast.supervisor)) as socket:
        await socket.send('{"watch": ["queues"]}')
        while '"snapshot"' not in await socket.receive():
            pass
        await post_webhook(http, event("call.enqueued", call_control_id="v3:one", queue="Sales"))
        await http.post(WEBHOOK_PATH, json={})
        while '"fragments"' not in await socket.receive():
            pass

        async def counted() -> bool:
            now = await database_sync_to_async(read)(token)
            grown = {name for name, value in now.items() if value > before.get(name, 0)}
            return grown >= {
                "earshot_webhook_requests_total 200",
                "earshot_webhook_requests_total 403",
                "earshot_webhook_projected_seconds_count",
                "earshot_push_seconds_count",
                "earshot_frames_total",
                "earshot_sockets",
                "earshot_calls_up",
            }

        await eventually_async(counted)


@pytest.mark.django_db
def test_a_dead_letter_and_a_waiting_event_are_told(cast: object) -> None:
    for number, state in enumerate(["dead", "dead", "pending"]):
        InboxEvent.objects.create(
            event_id=f"e-{number}", source="webhook", body=b"{}", received_at=timezone.now(), state=state
        )
    told = read(tokens.create("prometheus", "admin"))
    assert (told["earshot_inbox_dead_letters"], told["earshot_inbox_waiting"]) == (2, 1)


@pytest.mark.django_db
def test_lost_webhooks_are_told(cast: object) -> None:
    now = timezone.now()
    for number, recovered_at in enumerate([now, now - timedelta(hours=2), None]):
        InboxEvent.objects.create(
            event_id=f"e-{number}", source="webhook", body=b"{}", received_at=now, recovered_at=recovered_at
        )
    status.answered(5)
    status.no_deliveries("Telnyx does not let this API key do it")
    told = read(token := tokens.create("prometheus", "admin"))
    assert (told["earshot_webhooks_recovered"], told["earshot_delivery_log_refused"]) == (1, 1)
    status.read_deliveries(now)
    assert read(token)["earshot_delivery_log_refused"] == 0
