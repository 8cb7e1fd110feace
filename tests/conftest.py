"""What every test may ask for. The pieces are in tests/support/, one noun per file."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.support import forking
from tests.support.earshot import Earshot, Prepared, running_earshot
from tests.support.people import Cast, gather_cast
from tests.support.prepared import prepare
from tests.support.scene import Scene, set_scene
from tests.support.services import PostgreSQL, Redis
from tests.support.sites import InProcess
from tests.support.still_stage import SetStage, still_stages
from wallboards import hung, show

forking.allowed = True


@pytest.fixture(autouse=True)
def forget_what_hung() -> None:
    """What this process keeps of queues and wallboards is of the last test's database."""
    show.KEPT.clear()
    hung.KEPT.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """The five people that tests speak of; their password is `tests.support.people.PASSWORD`."""
    return gather_cast()


@pytest.fixture
def application() -> Iterator[Any]:
    """Earshot's whole ASGI application, in this process; the door's threads end with the test.

    Its threads have connections of their own: tests that use it are `django_db(transaction=True)`.
    """
    from supervisor_site import asgi, webhooks

    yield asgi.application
    webhooks.door.stop()


@pytest.fixture
def site(application: Any) -> InProcess:
    """Pages and sockets of that application, for `live_equals_reload` and the like."""
    return InProcess(application)


@pytest.fixture
async def http(application: Any) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of that application; with `post_webhook` it is Telnyx."""
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{InProcess.host}") as client:
        yield client


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A Redis of this worker's own. A test that hurts it makes its own: `with Redis() as server`."""
    with Redis() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """A PostgreSQL of this worker's own; `create_database(name)` gives a fresh one's url."""
    with PostgreSQL(durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A migrated SQLite database with the cast, made once for each worker and copied for each server."""
    database = tmp_path_factory.mktemp("prepared") / "earshot.sqlite3"
    return Prepared(database, prepare(f"sqlite:///{database}"))


@pytest.fixture(scope="module")
def earshot(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earshot]:
    """A running server and simulator for one file of tests: use queues and conferences of your own."""
    with running_earshot(prepared, tmp_path_factory.mktemp("earshot")) as earshot:
        yield earshot


@pytest.fixture
def scene(earshot: Earshot) -> Scene:
    """A live conference of an agent and a caller, on the pages of a running Earshot."""
    return set_scene(earshot)


@pytest.fixture
def set_stage(cast: Cast) -> Iterator[SetStage]:
    """`set_stage(fault, act)` gives a live conference in a time that stands still, before a faulty Telnyx."""
    with still_stages(cast.supervisor) as set_one:
        yield set_one
