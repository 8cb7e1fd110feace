"""A conference on stage in a time that stands still: pressed over HTTP, the worker's loops turned by hand."""

import html
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import time_machine
from django.http import HttpResponse
from django.test import Client

from conferences.models import Conference, Participant
from dashboard.models import Command, User
from supervisor_site.webhooks import project_now
from supervisor_site.worker import TICK, Worker
from telephony.client import TelnyxClient, install
from tests.support.mishaps import TRY_SECONDS, Fault
from tests.support.still_telnyx import BASE, Json, StillTelnyx
from tests.support.story import tell_at_once

_DEED = re.compile(r'<li data-outcome="(\w+)">.*?<span class="outcome">(.*?)</span></li>', re.DOTALL)
_REFUSAL = re.compile(r'data-refusal="[^"]*" data-title="([^"]*)" data-text="([^"]*)"')
_WAITING = re.compile(r'class="button [^"]*(sent|checking)"')


@dataclass(frozen=True)
class Act:
    """A button: whose it is, what the page showed, Telnyx's action, and where the truth shows its effect."""

    verb: str
    action: str
    seen: str
    personal: bool = True

    def is_done(self, caller: str, truth: Mapping[str, Any] | None) -> bool:
        """Whether the truth about the conference (None: it is over) is as this button wants it."""
        if self.verb == "end" or truth is None:
            return truth is None
        people = {person["call_control_id"]: person for person in truth["participants"]}
        if self.verb == "remove":
            return caller not in people
        if not self.personal:
            return bool(truth["recording"] == _RECORDING[self.verb])
        field, wanted = _FLAGS[self.verb]
        return bool(people[caller][field] is wanted)


_RECORDING = {"record": "on", "pause": "paused", "resume-recording": "on", "stop": "off"}
_FLAGS = {
    "mute": ("muted", True),
    "unmute": ("muted", False),
    "hold": ("on_hold", True),
    "resume": ("on_hold", False),
}
MUTE, UNMUTE = Act("mute", "mute", "unmuted"), Act("unmute", "unmute", "muted")
HOLD, RESUME = Act("hold", "hold", "free"), Act("resume", "unhold", "held")
REMOVE, END = Act("remove", "hangup", "present"), Act("end", "end", "2", personal=False)
RECORD = Act("record", "record_start", "off", personal=False)
PAUSE, STOP = (
    Act("pause", "record_pause", "on", personal=False),
    Act("stop", "record_stop", "on", personal=False),
)


@dataclass(frozen=True)
class Outcome:
    """What the conference's page says of the newest press. `refusal` is the message that stays, or ""."""

    kind: Literal["ok", "open", "unknown", "bad", "none"]
    words: str
    refusal: str
    waiting: str  # how the button is drawn: sent, checking or ""


class Stage:
    """A live conference of a caller and an agent, shown to `user`. `telnyx` is what may misbehave.

    `was_unknown` says whether `settle` saw a command whose outcome was not known.
    """

    def __init__(self, telnyx: StillTelnyx, user: User, command_seconds: float = TRY_SECONDS) -> None:
        self.telnyx, self.webhooks_at, self.was_unknown = telnyx, 0.0, False
        self.client = TelnyxClient(f"{BASE}/v2", "KEY", telnyx, command_seconds=command_seconds)
        self.worker = Worker(self.client, clock=time.time)
        self.browser = self.browser_of(user)
        self.agent, self.caller = telnyx.place_call("+13125550147"), telnyx.place_call("+16175550188")
        made = telnyx.command("/conferences", {"call_control_id": self.agent, "name": "Claims 3301"})
        self.id = str(made["id"])
        telnyx.command(f"/conferences/{self.id}/actions/join", {"call_control_id": self.caller})
        self.deliver()
        self.worker.sweep()
        project_now()

    def strike(self, fault: Fault, act: Act) -> None:
        """From now on the fault strikes commands of this act."""
        self.telnyx.on_command = fault.becomes(act.action)
        self.telnyx.reads_fail = fault.reads_fail
        late = {"at once": 0.0, "late": time.time() + 10, "lost": float("inf")}
        self.webhooks_at = late[fault.webhooks]

    def browser_of(self, user: User) -> Client:
        browser = Client()
        browser.force_login(user)
        return browser

    # --- what people do -------------------------------------------------------------------------------
    def press(self, act: Act, seen: str | None = None, browser: Client | None = None) -> HttpResponse:
        where = f"people/{self.person}/" if act.personal else ""
        posted = {"seen": act.seen if seen is None else seen}
        answer = (browser or self.browser).post(f"/conferences/{self.id}/{where}{act.verb}", posted)
        self.telnyx.pass_time(0.001)  # of two presses one is the first
        return HttpResponse(answer.content, status=answer.status_code)

    @property
    def person(self) -> int:
        return Participant.objects.get(call_control_id=self.caller, left_at=None).pk

    # --- what goes on -----------------------------------------------------------------------------------
    def deliver(self) -> None:
        """Telnyx's webhooks arrive, unless they are to come later."""
        if time.time() >= self.webhooks_at and self.telnyx.posted:
            bodies, self.telnyx.posted = self.telnyx.posted, []
            tell_at_once(bodies)

    def tick(self, seconds: float = 2 * TICK) -> None:
        """Time passes; then the worker's loops have their turn."""
        self.telnyx.pass_time(seconds)
        self.deliver()
        self.worker.retry()
        self.deliver()
        self.worker.read()
        project_now()

    def go_on(self, seconds: float, step: float = 37.5) -> None:
        for _ in range(round(seconds / step)):
            self.tick(step)

    def settle(self, command: Command, within: float) -> float:
        """Lets time pass until the command is settled; how many seconds after the press."""
        while command.is_open:
            self.was_unknown |= command.state == Command.State.UNKNOWN
            assert _since(command) <= within
            self.tick(_until_due(command))
            command.refresh_from_db()
        return _since(command)

    # --- what is seen, logged and true --------------------------------------------------------------------
    def outcome(self) -> Outcome:
        page = self.browser.get(f"/conferences/{self.id}/").content.decode()
        deed, refusal, waiting = _DEED.search(page), _REFUSAL.search(page), _WAITING.search(page)
        kind: Any = deed[1] if deed else "none"
        words = re.sub(r"<[^>]*>", "", deed[2]).strip() if deed else ""
        told = html.unescape(f"{refusal[1]}. {refusal[2]}") if refusal else ""
        return Outcome(kind, html.unescape(words), told, waiting[1] if waiting else "")

    def commands(self) -> list[Command]:
        """Oldest first."""
        return list(Command.objects.order_by("created_at"))

    def truth(self) -> Json | None:
        return _about(self.id, self.telnyx.truth())

    def effects(self, act: Act) -> int:
        """How often a command that reached Telnyx made true what the button wants."""
        states = [act.is_done(self.caller, _about(self.id, truth)) for truth in self.telnyx.truths]
        return sum(now and not before for before, now in zip([False, *states], states, strict=False))

    def shown(self) -> Json | None:
        """The row of the floor in the form of the truth; None once it is over."""
        conference = Conference.objects.get(pk=self.id)
        if not conference.is_live:
            return None
        people = [
            {"call_control_id": one.call_control_id, "muted": one.muted, "on_hold": one.on_hold}
            for one in conference.participants.filter(left_at=None)
        ]
        return {"participants": people, "recording": conference.recording}


def _since(command: Command) -> float:
    return time.time() - command.created_at.timestamp()


def _until_due(command: Command) -> float:
    """What surely was not done waits for its next try; what may have been, for reads and webhooks too."""
    due = command.next_try_at.timestamp() - time.time() if command.next_try_at else 0
    return max(due, TICK) if command.state == Command.State.OPEN else 2 * TICK


def _about(conference_id: str, truth: Json) -> Json | None:
    return next((one for one in truth["conferences"] if one["id"] == conference_id), None)


# Sets a conference on stage; with a fault, it strikes commands of the act from then on.
SetStage = Callable[..., Stage]


@contextmanager
def still_stages(user: User) -> Iterator[SetStage]:
    """Time stands still within; `set_stage(fault=None, act=MUTE)` may be called again for another stage."""
    stages = []
    with time_machine.travel(time.time(), tick=False) as clock:

        def set_stage(fault: Fault | None = None, act: Act = MUTE) -> Stage:
            stage = Stage(StillTelnyx(clock), user, fault.limit if fault else TRY_SECONDS)
            stages.append(stage)
            install(stage.client)
            if fault:
                stage.strike(fault, act)
            return stage

        try:
            yield set_stage
        finally:
            install(None)
            for stage in stages:
                stage.client.close()
