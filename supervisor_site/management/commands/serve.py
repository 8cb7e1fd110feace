"""`manage.py serve`: the web server, and without Redis the worker too."""

import contextlib
import gc
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from supervisor_site.checks import NotReady, require_ready

# Seconds that one thread may keep Python to itself. A page asks the database some twenty times, and after
# each answer its thread waits for the others: with Python's own 5 ms that is seconds while sockets open.
SWITCH_EVERY = 0.001


class Command(BaseCommand):
    help = "Serves pages, the live socket and Telnyx's webhooks; without REDIS_URL it is the worker too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000; 0: a free one)")

    def handle(self, *args: Any, **options: Any) -> None:
        # Here, because they install daphne's event loop, which no other command needs.
        from supervisor_site.embedded import AlreadyServed, only_one_on_this_database

        try:
            require_ready()
            with only_one_on_this_database():
                self._serve(options["host"], options["port"])
        except (NotReady, AlreadyServed) as problem:
            raise CommandError(str(problem)) from None

    def _serve(self, host: str, port: int) -> None:
        from supervisor_site.asgi import application
        from supervisor_site.embedded import worker_in_a_thread
        from supervisor_site.heart import beating
        from supervisor_site.server import CannotListen, EarshotServer
        from supervisor_site.webhooks import door

        _collect_garbage_seldom()
        sys.setswitchinterval(SWITCH_EVERY)
        server = EarshotServer(application)
        try:
            port = server.listen(host, port)
        except CannotListen as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"Earshot answers on http://{host}:{port}/ (Ctrl-C ends it)")
        with contextlib.nullcontext() if settings.REDIS_URL else worker_in_a_thread(), beating(serves=True):
            door.start()
            server.run()
        door.stop()


def _collect_garbage_seldom() -> None:
    """What was loaded until now stays for ever, and a thousand sockets are many objects to go through: with
    Python's own thresholds that would be a fifth of what a delivery to them costs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
