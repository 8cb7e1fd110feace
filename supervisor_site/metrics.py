"""`/metrics` for Prometheus: what this process counts, what the database holds. It needs an admin's token.

Each process answers for itself, so each is scraped by its own address; what is of the whole installation
(`earshot_inbox_…`, `earshot_drift_…`) is the same in all of them.
"""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard import tokens
from dashboard.live import hub
from dashboard.roles import Action, actions_of
from supervisor_site import measures
from supervisor_site.vitals import Figures
from telephony.client import client


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """In Prometheus' text format; 401 without a token, 403 with one that is not an admin's."""
    token = tokens.bearer(request)
    if token is None:
        answer = HttpResponse(
            "Send a valid token: Authorization: Bearer …\n", "text/plain; charset=utf-8", 401
        )
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    if Action.ADMINISTER not in actions_of([token.role]):
        return HttpResponse("This needs a token with the role admin.\n", "text/plain; charset=utf-8", 403)
    now = CollectorRegistry()
    now.register(_Now())
    return HttpResponse(generate_latest(REGISTRY) + generate_latest(now), CONTENT_TYPE_LATEST)


class _Now(Collector):
    """What is read at the moment it is asked for."""

    def collect(self) -> Iterator[Metric]:
        yield from _of_this_process()
        yield from _of_telnyx()
        yield from _stored(measures.gather(timezone.now()))


def _of_this_process() -> Iterator[Metric]:
    counts = hub.counts
    yield _gauge("earshot_sockets", "Open live sockets.", counts.sockets)
    yield _total("earshot_renders", "Fragments rendered for live pages.", counts.renders)
    yield _total("earshot_frames", "Frames sent to live sockets.", counts.frames)
    yield _total("earshot_frame_bytes", "Characters in those frames.", counts.bytes)
    yield _total("earshot_sockets_cut", "Sockets closed because their reader did not read.", counts.cut)


def _of_telnyx() -> Iterator[Metric]:
    left, offset = client().rate_limit_remaining, client().clock_offset
    if left is not None:
        yield _gauge("earshot_telnyx_rate_limit_remaining", "Requests that Telnyx would still take.", left)
    if offset is not None:
        yield _gauge(
            "earshot_telnyx_clock_offset_seconds", "How far Telnyx's clock is ahead of ours.", offset
        )


def _stored(found: Figures) -> Iterator[Metric]:
    stored = found.stored
    oldest = (found.now - stored.waiting_since).total_seconds() if stored.waiting_since else 0.0
    yield _gauge("earshot_inbox_waiting", "Events that wait for their first projection.", stored.waiting)
    yield _gauge("earshot_inbox_oldest_seconds", "How long the oldest of them has waited.", oldest)
    yield _gauge("earshot_inbox_tried_again", "Events that failed and are tried again.", stored.tried_again)
    yield _gauge("earshot_inbox_dead_letters", "Events that nobody tries any more.", stored.dead)
    yield _gauge("earshot_commands_open", "Commands whose outcome is not known yet.", stored.commands_open)
    yield _gauge("earshot_calls_up", "Call legs in conferences and queues.", stored.calls_up)
    drift = GaugeMetricFamily(
        "earshot_drift_repaired", "What reads repaired in the last hour.", labels=["what"]
    )
    for what, count in sorted((stored.repaired or {}).items()):
        drift.add_metric([what], count)
    yield drift
    yield _gauge(
        "earshot_webhooks_recovered",
        "Webhooks of the last hour that never arrived and came from Telnyx's log.",
        stored.recovered,
    )
    refused = found.telnyx.log_refused_since is not None
    yield _gauge("earshot_delivery_log_refused", "1 while that log cannot be read.", int(refused))


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value)


def _total(name: str, words: str, value: float) -> Metric:
    return CounterMetricFamily(name, words, value)
