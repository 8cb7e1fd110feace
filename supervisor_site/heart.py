"""The heart of each process: every 5 s it writes down how the process is, and has health judged anew."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from dashboard.layer import PROCESS
from dashboard.live import hub
from dashboard.pokes import poke
from supervisor_site import measures, tally
from supervisor_site.models import Vital
from telephony.client import client

log = logging.getLogger("earshot.health")

EVERY = 5.0
BEHIND_AFTER = 2.0  # seconds that something may wait for a browser before its page is behind
LOOKED_AT_MOST = 200  # conferences that are read more often than others
FORGOTTEN_AFTER = timedelta(hours=25)  # a process that ended is part of the last hour's chart for a while
STOP_WITHIN = 5.0


@contextlib.contextmanager
def beating(*, serves: bool) -> Iterator[None]:
    """Beat until the block ends. `serves`: this process has pages, not only the worker's loops."""
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(stop, Heart(serves=serves)), name="heart", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_WITHIN)


def _run(stop: threading.Event, heart: "Heart") -> None:
    well = True
    while not stop.is_set():
        try:
            heart.beat()
            well = True
        except Exception as problem:
            if well:
                log.warning("No figures for the health page, trying again: %s", problem)
            well = False
        connection.close()  # another one is cheap each 5 s, and the pool gets this one back
        stop.wait(EVERY)


class Heart:
    """Knows what must be compared with the beat before: rates, and how long the last commit took."""

    def __init__(self, *, serves: bool) -> None:
        self._serves = serves
        self._started_at = timezone.now()
        self._commit_ms: int | None = None
        self._renders, self._at = hub.counts.renders, time.monotonic()

    def beat(self) -> None:
        """Write this process down; then judge, unless another process has just done it."""
        now = timezone.now()
        figures = self._figures()
        began = time.monotonic()
        self._write(now, figures)
        self._commit_ms = round((time.monotonic() - began) * 1000)
        poke(measures.measure(unless_within=timedelta(seconds=EVERY / 2)))

    def _write(self, now: datetime, figures: dict[str, Any]) -> None:
        told = {"started_at": self._started_at, "beat_at": now, "figures": figures}
        _, new = Vital.objects.update_or_create(process=PROCESS, defaults=told)
        if new:
            Vital.objects.filter(beat_at__lt=now - FORGOTTEN_AFTER).delete()

    def _figures(self) -> dict[str, Any]:
        return {
            "serves": self._serves,
            "worked": tally.WORKER.last,
            "reads_need": tally.WORKER.needs,
            "webhooks": tally.WEBHOOKS.told(),
            "refused": tally.REFUSED.told(),
            "pages": self._pages(),
            "looked_at": sorted(hub.looked_at())[:LOOKED_AT_MOST],
            "commit_ms": self._commit_ms,
            "redis": _redis() if settings.REDIS_URL else None,
            "telnyx": _telnyx(),
        }

    def _pages(self) -> dict[str, Any]:
        now, renders = time.monotonic(), hub.counts.renders
        rate = (renders - self._renders) / max(now - self._at, 0.001)
        self._renders, self._at = renders, now
        return {
            "sockets": hub.counts.sockets,
            "behind": hub.behind(BEHIND_AFTER),
            "renders": round(rate, 1),
            "cut": hub.counts.cut,
            "watched": hub.watched(),
        }


def _telnyx() -> dict[str, Any]:
    telnyx = client()
    return {
        "status": telnyx.last_status,
        "rate_left": telnyx.rate_limit_remaining,
        "rate_reset": telnyx.rate_limit_reset,
        "clock_offset": telnyx.clock_offset,
    }


def _redis() -> dict[str, Any]:
    """`{"ms": None}` when it does not answer within a second."""
    began = time.monotonic()
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as server:
            told: Any = server.info()
    except (redis.RedisError, OSError):
        return {"ms": None}
    return {
        "ms": round((time.monotonic() - began) * 1000),
        "memory": told.get("used_memory"),
        "most": told.get("maxmemory"),
        "clients": told.get("connected_clients"),
    }
