"""The live parts that are one supervisor's own: their phone in the top bar, and Supervise in a conference.

Nothing of them is in the fragments that others share; only who they are about may watch them.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from conferences.models import Conference
from dashboard.boards import Audience, Fragment, Personal
from dashboard.models import User
from dashboard.rendering import html
from dashboard.roles import Action
from supervision import show, show_own, show_phones
from supervision.preflight import RIGHTS
from telephony import status
from telephony.projection import Change


def may_supervise(actions: AbstractSet[Action]) -> bool:
    return bool(actions & set(RIGHTS.values()))


class OwnPhone(Personal):
    """The scope `phone:<user>`."""

    kind = "phone"

    def allowed(self, audience: Audience, key: str) -> bool:
        return may_supervise(audience.actions) and key.isdecimal()

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        user = User.objects.filter(pk=key).first()
        if user is None:
            return []
        cell = show_own.own_phone(user)
        content = html("supervision/_own_phone.html", audience, {"own": cell})
        return [Fragment("own-phone", "own-phone", cell.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        return change == ("supervision", key)

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        return [("own-phone", show_own.version_of(int(key)))]


class Phones(Personal):
    """The scope `phones:<user>`: the list on the page of one's phones, with the newest test call."""

    kind = "phones"

    def allowed(self, audience: Audience, key: str) -> bool:
        return may_supervise(audience.actions) and key.isdecimal()

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        user = User.objects.filter(pk=key).first()
        if user is None:
            return []
        shown = show_phones.phones(user)
        content = html("supervision/_phones.html", audience, {"own": shown})
        return [Fragment("phones", "phones", shown.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        return change in {("supervision", key), status.CHANGE}

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        return [("phones", show_phones.version_of(int(key)))]


class Supervise(Personal):
    """The scope `supervise:<user>:<conference>`."""

    kind = "supervise"

    def allowed(self, audience: Audience, key: str) -> bool:
        seen = Conference.objects.within(audience.teams).filter(pk=key.partition(":")[2])
        rights = may_supervise(audience.actions) and Action.SEE_FLOOR in audience.actions
        return rights and seen.exists()

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        number, _, conference_id = key.partition(":")
        user = User.objects.filter(pk=number).first()
        conference = Conference.objects.filter(pk=conference_id).first()
        if user is None or conference is None:
            return []
        panel = show.panel(user, conference)
        content = html("supervision/_panel.html", audience, {"panel": panel})
        return [Fragment(f"supervise-{conference_id}", "supervise", panel.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        number, _, conference_id = key.partition(":")
        return change in {("supervision", number), ("conference", conference_id), status.CHANGE}

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        number, _, conference_id = key.partition(":")
        found = Conference.objects.filter(pk=conference_id).first()
        return [(f"supervise-{conference_id}", show.panel_version(int(number), found))] if found else []


BOARDS = (OwnPhone(), Phones(), Supervise())
