"""Two processes project events of the same conferences at once: nothing lost, nothing stuck, same rows.

In the middle one of them makes everything anew from the inbox (`rebuild`) while the other goes on.
"""

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

from telephony.models import InboxEvent
from tests.support.environment import ROOT, process_environment
from tests.support.prepared import prepare
from tests.support.projecting import history, project_all, tell
from tests.support.services import PostgreSQL
from tests.support.story import rows


def start(database_url: str, what: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.support.projecting", what]
    environment = process_environment(database_url)
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def ended(processes: Sequence["subprocess.Popen[str]"]) -> list[tuple[str, str]]:
    """What each printed and what it logged; each must end well."""
    said = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), said
    return said


@pytest.mark.django_db
def test_two_processes_make_what_one_makes(postgresql_server: PostgreSQL) -> None:
    url = postgresql_server.create_database("projecting")
    prepare(url)
    (first, quiet), (second, silent) = ended([start(url, "tell"), start(url, "join")])
    assert quiet + silent == "", "a batch failed: a deadlock, or an update lost"
    one, other = json.loads(first), json.loads(second)
    assert one["events"] + other["events"] == len(history())
    assert min(one["events"], other["events"]) > 20, "one of them did it all: they never met"
    tell(history())
    project_all(limit=300)
    assert not InboxEvent.objects.exclude(state=InboxEvent.State.PROJECTED).exists()
    assert one["rows"] == other["rows"] == json.loads(json.dumps(rows()))
