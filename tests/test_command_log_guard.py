"""The database itself keeps the command log: no DELETE, no change of what was meant, on both engines."""

from typing import Any

import pytest
from django.core.management.color import no_style
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from dashboard import command_log
from dashboard.models import Command
from tests.support.people import Cast

pytestmark = [pytest.mark.engines, pytest.mark.django_db]

CHANGES: dict[str, Any] = {
    "id": "00000000-0000-4000-8000-000000000000",
    "user_id": None,
    "user_name": "Somebody else",
    "action": "unmute",
    "family": "hold",
    "subject": "conference:other",
    "subject_name": "Other",
    "target": "Somebody",
    "target_key": "v3:other",
    "legs": ["v3:other"],
    "detail": {"conference_id": "other"},
    "seen": "unmuted",
    "created_at": timezone.now(),
}


@pytest.fixture
def command(cast: Cast) -> Command:
    return press(cast)


def press(cast: Cast) -> Command:
    return Command.objects.create(
        user=cast.supervisor,
        user_name=cast.supervisor.name,
        action="mute",
        family="mute",
        subject="conference:c-1",
        subject_name="Sales 4412",
        target="Priya Nair",
        target_key="v3:one",
        legs=["v3:one"],
        seen="muted",
        created_at=timezone.now(),
    )


def test_every_column_of_intent_is_tried_here() -> None:
    assert set(CHANGES) == set(command_log.INTENT)


@pytest.mark.parametrize("column", CHANGES)
def test_what_was_meant_cannot_be_changed(command: Command, column: str) -> None:
    with pytest.raises(IntegrityError, match="meant cannot be changed"), transaction.atomic():
        Command.objects.filter(pk=command.pk).update(**{column: CHANGES[column]})
    kept = Command.objects.values(*CHANGES).get()
    assert kept == {name: getattr(command, name) for name in CHANGES}


def test_a_command_cannot_be_deleted(command: Command) -> None:
    with pytest.raises(IntegrityError, match="cannot be deleted"), transaction.atomic():
        command.delete()
    with pytest.raises(IntegrityError, match="cannot be deleted"), transaction.atomic():
        Command.objects.all().delete()
    with pytest.raises(IntegrityError, match="cannot be deleted"), transaction.atomic():
        connection.cursor().execute("DELETE FROM dashboard_command")
    assert Command.objects.count() == 1


def test_what_came_of_it_can_be_written(command: Command) -> None:
    command.state, command.attempts, command.reason = Command.State.DONE, 2, "shown by a read"
    command.settled_at = timezone.now()
    command.save()
    Command.objects.filter(pk=command.pk).update(shown_by="read:1", error_code="1")
    command.refresh_from_db()
    assert (command.state, command.shown_by) == ("done", "read:1")


@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_can_still_be_emptied(cast: Cast) -> None:
    press(cast)
    connection.ops.execute_sql_flush(
        connection.ops.sql_flush(no_style(), [Command._meta.db_table], allow_cascade=True)
    )
    assert not Command.objects.exists()
    press(cast)
    with pytest.raises(IntegrityError, match="cannot be deleted"):
        Command.objects.all().delete()
