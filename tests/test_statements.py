"""Rows written and read by statements that are put together once: the same values as through the ORM."""

import contextlib
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, connection, transaction

from conferences.models import Conference
from dashboard.models import User
from supervision.models import Supervision
from telephony import rows
from telephony.models import Call, Fact
from telephony.statements import Select, execute

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

AT = datetime(2026, 3, 29, 1, 30, 59, 123457, tzinfo=UTC)


def test_a_row_comes_back_as_it_was_written() -> None:
    call = Call(
        call_control_id="v3:ä'\"%s{}", keys={"ended": "1|é", "none": None}, ended_at=AT, visits=[["a", "b"]]
    )
    rows.insert(Call, [call])
    found = Call.objects.get()
    assert (found.call_control_id, found.keys, found.visits) == (
        call.call_control_id,
        call.keys,
        [["a", "b"]],
    )
    assert (found.ended_at, found.answered_at, found.waited_seconds) == (AT, None, None)
    assert Select(Call, "call_control_id IN {}").rows([call.call_control_id]) == [found]


def test_every_column_is_read_as_the_orm_reads_it() -> None:
    rows.insert(Conference, [Conference(id="one", ended_at=AT, started_at=AT - timedelta(hours=1))])
    ours, theirs = Select(Conference, "id IN {}").rows(["one"])[0], Conference.objects.get()
    for column in Conference._meta.concrete_fields:
        assert getattr(ours, column.attname) == getattr(theirs, column.attname), column


def test_a_row_that_is_there_is_left_alone_or_written_anew() -> None:
    rows.insert(Call, [Call(call_control_id="one", hangup_cause="busy")])
    seen = Call.objects.get().first_seen_at
    rows.insert(Call, [Call(call_control_id="one", hangup_cause="other")], known=True)
    assert Call.objects.get().hangup_cause == "busy"
    call = Call.objects.get()
    call.hangup_cause = "normal_clearing"
    rows.write(Call, [call])
    assert (Call.objects.get().hangup_cause, Call.objects.get().first_seen_at) == ("normal_clearing", seen)


def test_lists_of_any_length_and_kind() -> None:
    one, two = (_supervision(leg) for leg in ("a", "b"))
    about = Select(Supervision, "(id IN {} OR leg IN {}) AND requested_at <= %s", "id", order="leg")
    assert about.tuples([one.pk], ["b"], AT) == [(one.pk,), (two.pk,)]
    assert about.firsts([], {"b"}, AT) == {two.pk}
    assert about.firsts([one.pk], set(), AT - timedelta(microseconds=1)) == set()
    assert about.firsts([], [], AT) == set()


def test_any_other_statement_takes_the_same_places() -> None:
    rows.insert(Call, [Call(call_control_id=leg) for leg in ("a", "b", "c")])
    execute("UPDATE telephony_call SET ended_at = %s WHERE call_control_id IN {}", AT, ["a", "c"])
    assert set(Call.objects.filter(ended_at=AT).values_list("call_control_id", flat=True)) == {"a", "c"}


def test_what_is_too_long_is_never_cut() -> None:
    """PostgreSQL refuses it, SQLite keeps no lengths."""
    fact = Fact(event="e", subject="s", leg="l", kind="k" * 200, at=AT, rank=1, source="webhook")
    refused = pytest.raises(DataError) if connection.vendor == "postgresql" else contextlib.nullcontext()
    with refused, transaction.atomic():
        rows.insert(Fact, [fact])
    assert set(Fact.objects.values_list("kind", flat=True)) <= {"k" * 200}


def _supervision(leg: str) -> Supervision:
    number, user = uuid.uuid4(), User.objects.create_user(f"{leg}@earshot.example")
    return Supervision.objects.create(
        id=number, root=number, user=user, leg=leg, requested_at=AT, state="ended"
    )
