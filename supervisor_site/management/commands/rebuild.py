"""`manage.py rebuild`: all projections again from the inbox; may run while Earshot serves."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from dashboard.pokes import poke
from supervisor_site.rebuild import rebuild


class Command(BaseCommand):
    help = (
        "Makes conferences, participants, queues, queued calls, recordings, calls and facts "
        "again from the inbox. "
        "May run while Earshot serves: see supervisor_site/rebuild.py for who waits meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        done = rebuild()
        poke(done.changes)
        took = time.monotonic() - started
        made = f"{len(done.changes)} conferences, queues and recordings"
        self.stdout.write(f"{done.events} events made {made} in {took:.1f} s.")
