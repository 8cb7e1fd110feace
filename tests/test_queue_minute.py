"""What passes with time on pages of queues is pushed as any change, and a reload shows no other."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from dashboard.pokes import poke
from queues import windows
from queues.models import Queue
from supervisor_site.webhooks import project_now
from tests.support.events import event, post_webhook
from tests.support.live_page import live_equals_reload
from tests.support.people import Cast
from tests.support.sites import InProcess, session_of_async


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/floor/", "/queues/", "/queues/{pk}/"])
async def test_the_workers_minute(http: httpx.AsyncClient, cast: Cast, site: InProcess, path: str) -> None:
    for kind, ago in (("enqueued", 1780), ("dequeued", 1770)):
        when = timezone.now() - timedelta(seconds=ago)
        more: dict[str, Any] = {"queue": "Sales", "call_control_id": "v3:a"} | (
            {"reason": "bridged"} if ago < 1780 else {}
        )
        await post_webhook(http, event(f"call.{kind}", at=when, **more))
    await sync_to_async(project_now)()
    queue = await Queue.objects.aget()
    await Queue.objects.aupdate(figures_at=queue.figures_at - timedelta(minutes=6))

    def minute() -> None:
        poke(windows.tick())

    session = await session_of_async(cast.supervisor)
    await live_equals_reload(site, session, path.format(pk=queue.pk), minute)
