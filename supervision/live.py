"""The live parts that are one supervisor's own: their phone in the top bar, and Supervise in a conference.

Nothing of them is in the fragments that others share; only who they are about may watch them.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from bridged_calls.models import BridgedCall
from bridged_calls.show import KEY
from conferences.models import Conference
from dashboard.boards import Audience, Fragment, Personal
from dashboard.fields import row_number
from dashboard.models import User
from dashboard.rendering import html
from dashboard.roles import Action
from supervision import bridged_show, show, show_own, show_phones
from supervision.preflight import RIGHTS
from supervision.presentation import Panel
from telephony import status
from telephony.projection import Change


def may_supervise(actions: AbstractSet[Action]) -> bool:
    return bool(actions & set(RIGHTS.values()))


class OwnPhone(Personal):
    """The scope `phone:<user>`."""

    kind = "phone"

    def allowed(self, audience: Audience, key: str) -> bool:
        return may_supervise(audience.actions) and row_number(key) > 0

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
        return may_supervise(audience.actions) and row_number(key) > 0

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
    """The scope `supervise:<user>:<conference>`, or a bridged call by its key on the floor."""

    kind = "supervise"

    def allowed(self, audience: Audience, key: str) -> bool:
        rights = may_supervise(audience.actions) and Action.SEE_FLOOR in audience.actions
        return rights and _is_seen(audience, key.partition(":")[2])

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        number, _, place = key.partition(":")
        user = User.objects.filter(pk=number).first()
        panel = _panel(user, place) if user else None
        if panel is None:
            return []
        content = html("supervision/_panel.html", audience, {"panel": panel})
        return [Fragment(f"supervise-{place}", "supervise", panel.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        number, _, place = key.partition(":")
        of_place = {("conference", place), ("bridged", place.removeprefix(KEY))}
        return change in {("supervision", number), status.CHANGE, *of_place}

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        number, _, place = key.partition(":")
        if call := _call(place):
            return [(f"supervise-{place}", bridged_show.panel_version(int(number), call))]
        found = Conference.objects.filter(pk=place).first()
        return [(f"supervise-{place}", show.panel_version(int(number), found))] if found else []


def _is_seen(audience: Audience, place: str) -> bool:
    if call := _call(place):
        return BridgedCall.objects.within(audience.teams).filter(pk=call.pk).exists()
    return Conference.objects.within(audience.teams).filter(pk=place).exists()


def _panel(user: User, place: str) -> Panel | None:
    """Supervise in a conference, or on a bridged call if that is what the key names."""
    if call := _call(place):
        return bridged_show.panel(user, call)
    conference = Conference.objects.filter(pk=place).first()
    return show.panel(user, conference) if conference else None


def _call(place: str) -> BridgedCall | None:
    if not place.startswith(KEY):
        return None
    return BridgedCall.objects.filter(pk=row_number(place.removeprefix(KEY))).first()


BOARDS = (OwnPhone(), Phones(), Supervise())
