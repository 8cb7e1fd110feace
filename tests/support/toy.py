"""A small board over a real table, and a socket application of its own for it."""

import html
import json
import threading
from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from typing import Any

from conferences.models import Conference
from dashboard.live import Audience, Fragment, Hub
from dashboard.roles import Action
from dashboard.socket import LiveSocket
from dashboard.viewers import PEOPLE, Entrance
from telephony.projection import Change
from tests.support.sites import InProcess, Socket

ENDED = Conference.Status.COMPLETED
# What a row shows besides, by conference id; for tests of the browser.
extra: dict[str, str] = {}


class ToyBoard:
    """`toy`: one row for each live conference. `toy:<id>`: only that one. It notes what it is asked."""

    kind = "toy"

    def __init__(self, needs: Action = Action.SEE_FLOOR) -> None:
        self.needs = needs
        self.rendered: list[tuple[str, int]] = []
        self.asked: list[str] = []
        self.threads: set[str] = set()

    def allowed(self, audience: Audience, key: str) -> bool:
        return self.needs in audience.actions

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        self._note(f"snapshot {key}")
        return [self._row(conference, audience) for conference in self._all(key).exclude(status=ENDED)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        self._note(f"changed {key}")
        wanted = self._all(key).filter(pk__in=[id for _, id in changes])
        return [self._row(conference, audience) for conference in wanted]

    def touches(self, key: str, change: Change) -> bool:
        return change[0] == "conference" and key in {"", change[1]}

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        self._note(f"versions {key}")
        rows = self._all(key).exclude(status=ENDED).values_list("id", "version")
        return [(f"c-{id}", version) for id, version in rows]

    def _all(self, key: str) -> Any:
        return Conference.objects.filter(**({"pk": key} if key else {})).order_by("id")

    def _row(self, of: Conference, audience: Audience) -> Fragment:
        if of.status == ENDED:
            return Fragment(f"c-{of.id}", "conferences", of.version, None)
        self.rendered.append((of.id, of.version))
        return Fragment(
            f"c-{of.id}", "conferences", of.version, row_html(of, Action.MUTE in audience.actions)
        )

    def _note(self, what: str) -> None:
        self.asked.append(what)
        self.threads.add(threading.current_thread().name)


def row_html(of: Conference, may_mute: bool) -> str:
    button = f'<button data-command id="mute-{of.id}" hx-post="/mute" hx-swap="none">Mute</button>'
    return (
        f'<tr id="c-{of.id}" data-version="{of.version}" data-keep="class">'
        f'<td class="name">{html.escape(of.name)}</td><td>{button if may_mute else ""}</td>'
        f'<td class="extra">{extra.get(of.id, "")}</td></tr>'
    )


def bump(id: str, **changes: Any) -> None:
    """Writes a conference as a projection does: its version grows."""
    conference, _ = Conference.objects.get_or_create(pk=id)
    for name, value in changes.items():
        setattr(conference, name, value)
    conference.version += 1
    conference.save()


class Page:
    """What a browser would hold: applies messages as live.js does."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.held: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []

    async def watch(self, *scopes: str) -> None:
        await self.socket.send(json.dumps({"watch": scopes}))

    async def next(self, kind: str = "") -> dict[str, Any]:
        """The next message (of a kind); raises `Closed`."""
        while True:
            message: dict[str, Any] = json.loads(await self.socket.receive())
            self.messages.append(message)
            self._apply(message)
            if kind in {"", message["type"]}:
                return message

    def names(self) -> dict[str, int]:
        return {id: found["version"] for id, found in self.held.items()}

    def _apply(self, message: dict[str, Any]) -> None:
        if message["type"] == "snapshot":
            self.held = {}
        for fragment in message.get("fragments", ()):
            if fragment["html"] is None:
                self.held.pop(fragment["id"], None)
            elif fragment["version"] >= self.held.get(fragment["id"], fragment)["version"]:
                self.held[fragment["id"]] = fragment


@asynccontextmanager
async def page(
    hub: Hub, session: str, *scopes: str, patience: float = 10.0, entrance: Entrance = PEOPLE
) -> AsyncIterator[Page]:
    """A page of `session` with its socket open; with `scopes`, after the snapshot of each."""
    site = InProcess(LiveSocket(hub, patience, entrance), entrance.cookie)
    async with site.live(session) as socket:
        opened = Page(socket)
        if scopes:
            await opened.watch(*scopes)
        for _ in scopes:
            await opened.next("snapshot")
        yield opened
