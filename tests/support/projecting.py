"""A process of its own that projects as soon as there are two; one of them (`tell`) fills the inbox first,
and makes everything anew in the middle.

`python -m tests.support.projecting tell|join` prints how many events it projected, and all rows at the end.
"""

import json
import random
import sys
import time
from collections.abc import Sequence

CALLS = [f"v3:{number}" for number in range(40)]
TOGETHER_WITHIN = 20.0


def history(seed: int = 5) -> list[bytes]:
    """Forty calls in two conferences and a queue; everything overlaps, so that everything is contended."""
    from tests.support.story import at, told

    chance, told_of = random.Random(seed), []
    for number, leg in enumerate(CALLS):
        where = {"conference_id": f"conference {number % 2}"}
        told_of += [
            told("call.initiated", number, leg, direction="incoming", **{"from": f"+1617555{number:04d}"}),
            told("call.enqueued", number + 1, leg, queue="Sales"),
            told("call.dequeued", number + 5, leg, queue="Sales", reason="bridged", wait_time_secs=4),
            told("call.bridged", number + 5.5, leg),
            told("conference.participant.joined", number + 6, leg, **where),
            told("conference.floor.changed", number + 7, leg, **where),
            told("reply.mute", number + 8, name=f"mute {leg}", legs=[leg], **where),
            told(
                "read.conference",
                number + 6,
                name=f"read {leg}",
                joined={leg: at(number + 6.5).isoformat()},
                **where,
            ),
            told("conference.participant.left", number + 20, leg, **where),
            told("call.hangup", number + 21, leg, hangup_cause="normal_clearing"),
        ]
    chance.shuffle(told_of)
    return told_of


def tell(bodies: Sequence[bytes]) -> None:
    """Into the inbox, for others to project."""
    from telephony.events import identity
    from telephony.projection import Arrival, store
    from tests.support.story import NOON, source_of

    named = ((identity(body), source_of(body), body) for body in bodies)
    store([Arrival(event_id, source, kind, body, NOON) for (event_id, kind), source, body in named])


def project_all(limit: int, rebuild_after: int = 0) -> int:
    """Project until nothing waits, also what others have claimed and may give back.

    `rebuild_after` so many events everything is made anew, while others go on.
    """
    from supervisor_site.rebuild import rebuild
    from supervisor_site.webhooks import PROJECTIONS
    from telephony.models import InboxEvent
    from telephony.projection import project

    done, rebuilt = 0, not rebuild_after
    while InboxEvent.objects.filter(state=InboxEvent.State.PENDING).exists():
        done += project(PROJECTIONS, limit).events
        if not rebuilt and done >= rebuild_after:
            rebuilt = bool(rebuild())
    return done


def _wait_for(others: int) -> None:
    """Until that many processes like this one are connected."""
    from django.db import connection

    deadline = time.monotonic() + TOGETHER_WITHIN
    with connection.cursor() as cursor:
        cursor.execute("SET application_name = 'projecting'")
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'projecting'")
            if cursor.fetchone()[0] >= others:
                return
    raise TimeoutError("the other process never came")


def main() -> None:
    import django

    django.setup()
    from tests.support.story import rows

    first = sys.argv[1] == "tell"
    if first:
        tell(history())
    _wait_for(2)
    count = project_all(limit=7, rebuild_after=50 if first else 0)
    sys.stdout.write(json.dumps({"events": count, "rows": rows()}))


if __name__ == "__main__":
    main()
