"""Whatever is told, in whatever order and however often, the rows are those that the reference says."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from supervisor_site.webhooks import PROJECTIONS
from telephony.models import InboxEvent
from telephony.projection import project, store
from tests.support.in_memory import Memory
from tests.support.reference import Reference
from tests.support.stored import stored
from tests.support.telling import Line, agrees, disorder, histories


@settings(max_examples=120, deadline=None)
@given(histories(), st.integers(0, 2**32))
def test_disorder_and_repetition_change_nothing(lines: list[Line], seed: int) -> None:
    in_order, shuffled = Memory(), Memory()
    in_order.take(line.event() for line in sorted(lines, key=lambda line: (line.seconds, line.number)))
    for batch in disorder(lines, seed):
        shuffled.take(line.event() for line in batch)
    assert shuffled.state() == in_order.state()
    agrees(shuffled, Reference(line.event() for line in lines))


@pytest.mark.engines
@pytest.mark.django_db
@settings(
    max_examples=12,
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # the same histories shrink faster without a database
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(histories(longest=30), st.integers(0, 2**32))
def test_the_database_is_told_the_same(lines: list[Line], seed: int) -> None:
    """Batches, locks and statements, and the rows that a batch must find to be touched by it."""
    memory = Memory()
    memory.take(line.event() for line in lines)
    with transaction.atomic():
        for batch in disorder(lines, seed):
            store([line.arrival() for line in batch])
            project(PROJECTIONS)
        assert not InboxEvent.objects.exclude(state=InboxEvent.State.PROJECTED).exists()
        assert stored() == memory.rows()
        transaction.set_rollback(True)
