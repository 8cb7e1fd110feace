"""The same guard without a server: a webhook through the door of this process, pushed to a page."""

import httpx
import pytest

from tests.support.events import event, post_webhook
from tests.support.live_page import live_equals_reload
from tests.support.people import Cast
from tests.support.sites import InProcess, session_of_async

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


async def test_a_webhook_reaches_the_page(cast: Cast, site: InProcess, http: httpx.AsyncClient) -> None:
    body = event(
        "call.enqueued",
        call_control_id="v3:one",
        call_leg_id="leg-one",
        call_session_id="session-one",
        queue="Spanish",
        current_position=1,
        queue_avg_wait_time_secs=0,
    )

    async def arrive() -> None:
        assert (await post_webhook(http, body)).status_code == 200

    session = await session_of_async(cast.supervisor)
    page = await live_equals_reload(site, session, "/floor/", arrive)
    assert any("Spanish" in html for html in page.fragments().values())
