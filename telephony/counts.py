"""What this process counts for `/metrics`; `supervisor_site.metrics` gives it out. Any thread may count."""

from prometheus_client import Counter, Histogram

_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

DELIVERIES = Counter(
    "earshot_webhook_requests",
    "Requests to the address of webhooks, by the status of our answer.",
    ["status"],
)
PROJECTED = Histogram(
    "earshot_webhook_projected_seconds",
    "From the receipt of a webhook to the commit of what it changed.",
    buckets=_FAST,
)
PUSHED = Histogram(
    "earshot_push_seconds",
    "From the news of a change in this process to its fragments in the sockets' mailboxes.",
    buckets=_FAST,
)
REQUESTS = Counter(
    "earshot_telnyx_requests",
    "Requests to Telnyx, by method and by status; 0: not sent or not answered.",
    ["method", "status"],
)
