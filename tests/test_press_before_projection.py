"""The step that a supervisor waits for is shown once Telnyx has accepted, before anything is projected."""

import pytest
from django.test import override_settings

from supervision.models import Phone, Supervision
from supervisor_site.webhooks import project_now
from tests.support.environment import CONNECTION_ID
from tests.support.people import Cast
from tests.support.still_stage import SetStage, Stage

SETTINGS = {"TELNYX_CONNECTION_ID": CONNECTION_ID, "TELNYX_FROM_NUMBER": "+13125550100"}


def supervise(stage: Stage) -> str:
    """Supervise on the conference's page, as its supervisor sees it now."""
    page = stage.browser.get(f"/conferences/{stage.id}/").content.decode()
    panel = page.partition(f'id="supervise-{stage.id}"')[2].partition("</section>")[0]
    return panel.partition("data-tone")[2]  # without its version


@pytest.mark.django_db(transaction=True)
def test_calling_is_shown_from_the_log_and_stays_when_it_is_projected(
    set_stage: SetStage, cast: Cast
) -> None:
    stage = set_stage()
    Phone.objects.create(user=cast.supervisor, address="+13125559001", active=True)
    with override_settings(**SETTINGS):
        assert stage.browser.post(f"/conferences/{stage.id}/supervise/listen").status_code == 204
        assert Supervision.objects.get().state == Supervision.State.REQUESTED
        shown = supervise(stage)
        assert "Calling your phone" in shown and "of 0:25" in shown
        project_now()
        assert Supervision.objects.get().state == Supervision.State.CALLING
        assert supervise(stage) == shown
