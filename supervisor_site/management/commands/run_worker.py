"""`manage.py run_worker`: the worker's loops as a process of their own, beside any number of `serve`."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from supervisor_site.checks import NotReady, require_ready
from supervisor_site.heart import beating
from supervisor_site.webhooks import door
from supervisor_site.worker import Worker


class Command(BaseCommand):
    help = "Reads from Telnyx, retries commands and projects what other processes left, until SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REDIS_URL:
            self.stdout.write("REDIS_URL is not set: manage.py serve does the worker's work itself.")
            return
        try:
            require_ready()
        except NotReady as problem:
            raise CommandError(str(problem)) from None
        self._work()

    def _work(self) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write("The worker works (Ctrl-C ends it)")
        door.start()
        with beating(serves=False):
            Worker().run(stop)
        door.stop()
