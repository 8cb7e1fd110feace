"""`manage.py rebuild`: the same rows from the inbox, wrong ones mended, and open pages follow."""

from io import StringIO
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.core.management import call_command
from django.utils import timezone

from conferences.models import Conference, Participant
from queues.models import Queue, QueuedCall
from telephony.events import identity
from telephony.models import Call, Fact
from tests.support.live_page import live_equals_reload
from tests.support.people import Cast
from tests.support.sites import InProcess, session_of_async
from tests.support.stories import STORIES
from tests.support.story import CALLER, CONFERENCE, NOON, rows, tell_at_once, told

pytestmark = [pytest.mark.engines, pytest.mark.django_db]
MODELS = (Conference, Participant, Queue, QueuedCall, Call)
EVERYTHING = [body for story in STORIES.values() for body in story]


def rebuild() -> str:
    said = StringIO()
    call_command("rebuild", stdout=said)
    return said.getvalue()


def numbers() -> dict[str, set[Any]]:
    return {model.__name__: set(model._default_manager.values_list("pk", flat=True)) for model in MODELS}


def versions() -> dict[str, int]:
    found = {**dict(Conference.objects.values_list("pk", "version"))}
    return found | dict(Queue.objects.values_list("name", "version"))


def test_the_same_rows_with_the_same_numbers_and_greater_versions() -> None:
    tell_at_once(EVERYTHING)
    Queue.objects.update(wait_target_seconds=77)
    truth, same, before = rows(), numbers(), versions()
    said = rebuild()
    assert said.startswith(
        f"{len({identity(body) for body in EVERYTHING})} events made 4 conferences, queues and recordings in "
    )
    assert (rows(), numbers()) == (truth, same)
    assert all(version > before[key] for key, version in versions().items())
    assert set(Queue.objects.values_list("wait_target_seconds", flat=True)) == {77}


def test_what_went_wrong_is_mended() -> None:
    tell_at_once(EVERYTHING)
    truth = rows()
    Conference.objects.update(name="Wrong", status="init", ended_at=None, keys={"name": "9"})
    Participant.objects.update(muted=True, left_at=None)
    Participant.objects.first().delete()  # type: ignore[union-attr]
    QueuedCall.objects.update(left_at=NOON, waited_seconds=1)
    Call.objects.update(from_number="+15550000000")
    Fact.objects.filter(leg=CALLER).delete()
    Call.objects.create(call_control_id="v3:nobody-ever-told-of")
    Conference.objects.create(id="never-told-of")
    rebuild()
    assert rows() == truth


def test_what_was_forgotten_stays_as_it_is() -> None:
    """Its events are gone, or go piece by piece: what they made must outlive them."""
    tell_at_once(EVERYTHING)
    Call.objects.update(forgotten_at=timezone.now(), from_number="")
    Conference.objects.update(forgotten_at=timezone.now())
    Fact.objects.all().delete()
    truth = rows()
    rebuild()
    assert rows() == truth | {"facts": rows()["facts"]}
    assert not Fact.objects.exclude(leg="").exists()


def test_what_waits_in_the_inbox_still_comes_after_it() -> None:
    tell_at_once(EVERYTHING[:5])
    rebuild()
    tell_at_once(EVERYTHING[5:])
    truth = rows()
    rebuild()
    assert rows() == truth


@pytest.mark.django_db(transaction=True)
async def test_open_pages_follow(cast: Cast, site: InProcess) -> None:
    await database_sync_to_async(tell_at_once)(
        [told("conference.created", 1, CALLER), told("conference.participant.joined", 2, CALLER)]
    )
    await Participant.objects.all().adelete()
    session = await session_of_async(cast.supervisor)
    for path in ("/floor/", f"/conferences/{CONFERENCE}/"):
        await live_equals_reload(site, session, path, rebuild)
