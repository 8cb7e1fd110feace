"""From one queue's page to the next one, and to a wallboard that shows it."""

import pytest
from django.test import Client

from dashboard.models import TeamQueue, User
from queues.models import Queue
from tests.support.people import SALES, Cast
from wallboards.models import Row, Wallboard

pytestmark = pytest.mark.django_db


@pytest.fixture
def queues(cast: Cast) -> dict[str, Queue]:
    return {name: Queue.objects.create(name=name) for name in ("Billing", "Claims", "Sales")}


def leads(user: User, address: str) -> str:
    """Where the address leads them; its status if nowhere."""
    client = Client()
    client.force_login(user)
    answer = client.get(address)
    return answer.headers.get("location") or str(answer.status_code)


def test_by_name_and_round(cast: Cast, queues: dict[str, Queue]) -> None:
    billing, claims, sales = (f"/queues/{queue.pk}/" for queue in queues.values())
    assert leads(cast.supervisor, f"{billing}next") == claims
    assert leads(cast.supervisor, f"{claims}previous?span=day") == f"{billing}?span=day"
    assert leads(cast.supervisor, f"{billing}previous") == sales
    assert leads(cast.supervisor, f"{sales}next") == billing
    page = Client()
    page.force_login(cast.supervisor)
    shown = page.get(f"{claims}?span=day").content.decode()
    assert f'href="{claims}next?span=day"' in shown and f'href="{claims}previous?span=day"' in shown


def test_only_among_those_of_ones_teams(cast: Cast, queues: dict[str, Queue]) -> None:
    TeamQueue.objects.create(team=cast.seller.teams.get(name=SALES), queue_name="Claims")
    claims, sales = queues["Claims"].pk, queues["Sales"].pk
    assert leads(cast.seller, f"/queues/{claims}/previous") == f"/queues/{sales}/"
    assert leads(cast.seller, f"/queues/{queues['Billing'].pk}/next") == "404"
    assert leads(cast.seller, f"/wallboards/of-queue/{queues['Billing'].pk}") == "404"


def test_a_wallboard_with_it_or_the_editor_of_a_new_one(cast: Cast, queues: dict[str, Queue]) -> None:
    queue = queues["Claims"]
    address = f"/wallboards/of-queue/{queue.pk}"
    assert leads(cast.supervisor, address) == f"/wallboards/new/?queue={queue.pk}"
    assert leads(cast.agent, address) == "/wallboards/"
    editor = Client()
    editor.force_login(cast.supervisor)
    shown = editor.get(f"/wallboards/new/?queue={queue.pk}").content.decode()
    assert f'name="queues" value="{queue.pk}" checked' in shown
    board = Wallboard.objects.create(name="Claims wall", metrics=["waiting"])
    Row.objects.create(wallboard=board, queue=queue, place=1)
    assert leads(cast.supervisor, address) == board.get_absolute_url()
