"""Of several workers one leads; when it ends, or loses its connection, another does."""

import pytest
from django.db import connection

from supervisor_site.leader import LEADING, LOOK_EVERY, Leader

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_leads_until_it_resigns() -> None:
    clock = Clock()
    first, second = Leader(clock), Leader(clock)
    assert first.leads() and first.leads()
    assert second.leads() is (connection.vendor == "sqlite")
    first.resign()
    clock.now += LOOK_EVERY
    assert second.leads()
    second.resign()


def test_who_lost_the_connection_leads_no_more_than_a_look() -> None:
    if connection.vendor == "sqlite":
        return  # one process, no connection to lose
    clock = Clock()
    first, second = Leader(clock), Leader(clock)
    assert first.leads()
    with connection.cursor() as cursor:
        holders = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted"
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM ({holders}) AS holder", [LEADING])
        assert cursor.fetchall() == [(True,)]
    clock.now += LOOK_EVERY
    assert not first.leads()
    assert second.leads()
    clock.now += LOOK_EVERY
    assert not first.leads()
    second.resign()
