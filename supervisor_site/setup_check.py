"""The set-up check of admins: whether the settings and Telnyx's portal agree, line by line.

`check` is pure; `page` asks Telnyx once, `GET /call_control_applications/{id}`. What Telnyx sends where is
set in its portal, under Voice, Programmable Voice, in the application; the names of its fields are Telnyx's.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from telephony import status
from telephony.client import Json, NotFound, TelnyxError, Unauthenticated, client
from telephony.events import BadKey, read_keys

Level = Literal["ok", "look", "wrong"]
WEBHOOKS = "/webhooks/telnyx"
SHORTEST = 2  # seconds: how long a webhook may take here until it is stored
PORTAL = "In Telnyx's portal open Voice, Programmable Voice and the application"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: how it is in words, and what to do about it."""

    name: str
    level: Level
    words: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to judge: our settings, and what Telnyx said. `hosts` are the names we answer under,
    `log_refused` is why Telnyx's log of deliveries cannot be read, "" while it can."""

    connection_id: str
    public_keys: Sequence[str]
    hosts: Sequence[str]
    application: Json | None
    problem: TelnyxError | None = None
    log_refused: str = ""


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Asked for by `EarshotAdminSite.admin_view`, so only admins come here."""
    lines = list(check(_found(request)))
    levels = Counter(line.level for line in lines)
    told = {"lines": lines, "wrong": levels["wrong"], "look": levels["look"], "title": "Set-up check"}
    return render(request, "admin/setup_check.html", {**admin.site.each_context(request), **told})


def _found(request: HttpRequest) -> Found:
    application, problem = _ask(settings.TELNYX_CONNECTION_ID)
    if problem is None and status.current().trouble:
        status.ask_now()  # the key is good again: the banner need not wait
    hosts = [request.get_host(), *settings.ALLOWED_HOSTS]
    refused = status.current().deliveries_reason
    return Found(
        settings.TELNYX_CONNECTION_ID, settings.TELNYX_PUBLIC_KEYS, hosts, application, problem, refused
    )


def _ask(connection_id: str) -> tuple[Json | None, TelnyxError | None]:
    try:
        if connection_id:
            return client().retrieve_application(connection_id), None
        client().list_queues()  # the least that shows whether the key is accepted
    except TelnyxError as problem:
        return None, problem
    return None, None


def check(found: Found) -> Iterator[Line]:
    """Every line, in the order of the page; those about the application only when Telnyx showed it."""
    yield _api_key(found.problem)
    yield _public_key(found.public_keys)
    yield _application(found)
    if found.application is not None:
        yield _active(found.application)
        yield _version(found.application)
        yield _address(found.application, found.hosts)
        yield _failover(found.application, found.hosts)
        yield _time_out(found.application)
        yield _log(found.log_refused)


def _api_key(problem: TelnyxError | None) -> Line:
    if problem is None or isinstance(problem, NotFound):
        return Line("API key", "ok", "Telnyx accepts it.")
    if isinstance(problem, Unauthenticated):
        todo = (
            "In Telnyx's portal open Account, Keys & Credentials, API Keys; make a key, put it into the "
            "setting TELNYX_API_KEY and start Earshot again."
        )
        return Line("API key", "wrong", "Telnyx does not accept it (401).", todo)
    words = problem.words[0].upper() + problem.words[1:]
    return Line("API key", "look", f"Not known: {words}.", "Load this page again when Telnyx answers.")


def _public_key(keys: Sequence[str]) -> Line:
    todo = (
        "In Telnyx's portal open Account, Keys & Credentials, Public Key; copy it into the setting "
        "TELNYX_PUBLIC_KEY and start Earshot again. Until then every webhook is refused."
    )
    try:
        number = len(read_keys(keys))
    except BadKey as problem:
        return Line("Public key", "wrong", f"It cannot be read: {problem}.", todo)
    if not number:
        return Line("Public key", "wrong", "It is not set.", todo)
    return Line("Public key", "ok", "Set." if number == 1 else f"{number} are set; either may sign.")


def _application(found: Found) -> Line:
    name = "Application"
    if not found.connection_id:
        todo = "Put the application's id into TELNYX_CONNECTION_ID: all conferences of the account are shown."
        return Line(name, "look", "TELNYX_CONNECTION_ID is not set.", todo)
    if found.application is not None:
        called = found.application.get("application_name") or "without a name"
        return Line(name, "ok", f"{called}, id {found.connection_id}.")
    if isinstance(found.problem, NotFound):
        todo = f"{PORTAL}; copy its id into the setting TELNYX_CONNECTION_ID and start Earshot again."
        return Line(name, "wrong", f"This account has none with the id {found.connection_id}.", todo)
    return Line(name, "look", "Not known: Telnyx did not show it.", "Mend the API key first.")


def _active(application: Json) -> Line:
    if application.get("active") is not False:
        return Line("Active", "ok", "Telnyx uses it for calls.")
    return Line(
        "Active", "wrong", "It is switched off: no call comes in or goes out.", f"{PORTAL}; activate it."
    )


def _version(application: Json) -> Line:
    version = application.get("webhook_api_version") or "1"  # Telnyx's own default
    if version == "2":
        return Line("Webhook API version", "ok", "2.")
    todo = f"{PORTAL}; choose API v2 as its webhook API version. Earshot cannot read the others."
    return Line("Webhook API version", "wrong", f"{version}.", todo)


def _address(application: Json, hosts: Sequence[str]) -> Line:
    name, address = "Webhook URL", str(application.get("webhook_event_url") or "")
    wanted = f"{PORTAL}; set its webhook URL to https://<this server>{WEBHOOKS}."
    fault = _fault(address, hosts)
    if fault:
        return Line(name, "wrong", f"{address or 'None'}: {fault}", wanted)
    if urlsplit(address).scheme != "https":
        return Line(name, "look", f"{address}: numbers travel unencrypted.", wanted)
    return Line(name, "ok", f"{address}.")


def _failover(application: Json, hosts: Sequence[str]) -> Line:
    name, address = "Failover URL", str(application.get("webhook_event_failover_url") or "")
    if not address:
        return Line(name, "ok", "None.")
    fault = _fault(address, hosts)
    if not fault:
        return Line(name, "ok", f"{address}.")
    todo = (
        f"{PORTAL}; leave it empty, or set it to a second address of Earshot. What goes there is lost here."
    )
    return Line(name, "wrong", f"{address}: {fault}", todo)


def _time_out(application: Json) -> Line:
    name, seconds = "Webhook time-out", application.get("webhook_timeout_secs")
    if not isinstance(seconds, int):
        return Line(name, "ok", f"Telnyx's own, {SHORTEST} s.")
    if seconds >= SHORTEST:
        return Line(name, "ok", f"{seconds} s.")
    todo = f"{PORTAL}; set it to {SHORTEST} s or more, or leave it empty. Below that Telnyx sends much twice."
    return Line(name, "wrong", f"{seconds} s.", todo)


def _log(refused: str) -> Line:
    name = "Log of deliveries"
    if not refused:
        return Line(name, "ok", "Webhooks that never arrived are fetched from it.")
    todo = (
        "Let the API key read webhook deliveries. Until then, what a lost webhook told stays not known: "
        "who speaks, why a caller left."
    )
    return Line(name, "look", f"It cannot be read: {refused}.", todo)


def _fault(address: str, hosts: Sequence[str]) -> str:
    """What keeps a webhook that is sent to this address from arriving here; "" when nothing does."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return "this is not an address."
    if parts.path.removesuffix("/") != WEBHOOKS:
        return f"its path has to be {WEBHOOKS}."
    if not any(_is(host, one) for one in hosts):
        return "this is another server, or its name is missing in ALLOWED_HOSTS."
    return ""


def _is(host: str, ours: str) -> bool:
    """As ALLOWED_HOSTS says it: a name, `*`, or `.domain` with all below; ours may have a port."""
    name = (urlsplit(f"//{ours}").hostname or ours).lower()
    return name in {"*", host} or (name.startswith(".") and f".{host}".endswith(name))
