"""A pause of a recording that nobody ends: Earshot resumes it itself when the settings say so."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from conferences.commands import resume_overdue
from conferences.models import Conference
from dashboard.models import Command
from tests.support.still_stage import SetStage, Stage

PAUSED = Conference.Recording.PAUSED


def pause(stage: Stage, seconds_ago: int) -> None:
    at = timezone.now() - timedelta(seconds=seconds_ago)
    Conference.objects.filter(pk=stage.id).update(recording=PAUSED, recording_at=at)


@pytest.mark.django_db(transaction=True)
def test_only_an_overdue_pause_is_ended_and_only_once(set_stage: SetStage) -> None:
    stage = set_stage()
    with override_settings(RECORDING_RESUME_AFTER=60):
        pause(stage, 59)
        assert resume_overdue(timezone.now()) == 0
        pause(stage, 61)
        assert resume_overdue(timezone.now()) == 1
        assert resume_overdue(timezone.now()) == 0
    command = Command.objects.get()
    assert (command.user, command.user_name, command.action) == (None, "Earshot", "resume-recording")


@pytest.mark.django_db(transaction=True)
def test_without_the_setting_a_pause_lasts(set_stage: SetStage) -> None:
    stage = set_stage()
    pause(stage, 86_400)
    assert resume_overdue(timezone.now()) == 0
    assert not Command.objects.exists()
