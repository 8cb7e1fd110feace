"""`manage.py replay_webhooks`: all dead letters, or some by their event id."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from telephony.models import InboxEvent
from telephony.projection import Arrival, store
from telephony.replay import put_aside
from tests.support.story import CALLER, NOON, told

pytestmark = pytest.mark.django_db
State = InboxEvent.State


@pytest.fixture(autouse=True)
def letters(db: None) -> None:
    def arrival(name: str, why: str) -> Arrival:
        body = told("call.initiated", 1, CALLER, name=name)
        return Arrival(name, "webhook", "call.initiated", body, NOON, why)

    store([arrival("a", "wrong"), arrival("b", "wrong"), arrival("c", "wrong"), arrival("well", "")])
    InboxEvent.objects.filter(event_id="well").update(state=State.PROJECTED)


def replay(*arguments: str) -> str:
    said = StringIO()
    call_command("replay_webhooks", *arguments, stdout=said)
    return said.getvalue()


def states() -> dict[str, str]:
    return dict(InboxEvent.objects.values_list("event_id", "state"))


def test_all_of_them() -> None:
    assert replay("--all-dead").startswith("3 replayed, 0 dead letters left.")
    assert states() == {"a": State.PENDING, "b": State.PENDING, "c": State.PENDING, "well": State.PROJECTED}


def test_some_and_never_what_is_not_dead() -> None:
    assert replay("--event", "a", "c", "well").startswith("2 replayed, 1 dead letters left.")
    assert states() == {"a": State.PENDING, "b": State.DEAD, "c": State.PENDING, "well": State.PROJECTED}


def test_what_was_put_aside_only_when_it_is_named() -> None:
    assert put_aside(InboxEvent.objects.get(event_id="a").pk, "Ruth Adeyemi", "not ours")
    assert replay("--all-dead").startswith("2 replayed, 0 dead letters left.")
    assert states()["a"] == State.ASIDE
    assert replay("--event", "a").startswith("1 replayed, 0 dead letters left.")
    assert states()["a"] == State.PENDING


def test_an_unknown_id_is_said() -> None:
    with pytest.raises(CommandError, match="Not in the inbox: nobody"):
        replay("--event", "a", "nobody")
    assert states()["a"] == State.PENDING


def test_it_wants_to_know_which() -> None:
    with pytest.raises(CommandError, match="required"):
        replay()
