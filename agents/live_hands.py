"""The raised hands over the agents' page: each is a fragment with the version of its conference."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from agents.presentation import Raised
from agents.show_hands import hands_up, raised
from conferences.models import Hand
from dashboard.boards import Audience, Fragment
from dashboard.rendering import html
from dashboard.roles import Action
from telephony.projection import Change

LIST = "hands"


class Hands:
    """The scope `hands`: all that are up in the conferences that this audience sees."""

    kind = "hands"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_FLOOR in audience.actions and not key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        return [_fragment(one, audience) for one in _up(audience)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        ids = {about for kind, about in changes if kind == "conference"}
        # First: a hand that goes up while the rest is read is in a newer version of its conference.
        every = Hand.objects.filter(conference__in=ids).values_list("pk", "conference__version")
        versions = dict(every)
        up = [_fragment(one, audience) for one in _up(audience, ids)]
        here = {fragment.id for fragment in up}
        gone = [Fragment(row_id(pk), LIST, version, None) for pk, version in versions.items()]
        return [*up, *(fragment for fragment in gone if fragment.id not in here)]

    def touches(self, key: str, change: Change) -> bool:
        return change[0] == "conference"

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        up = hands_up(audience.teams).values_list("pk", "conference__version")
        return [(row_id(pk), version) for pk, version in up]


def row_id(pk: int) -> str:
    return f"hand-{pk}"


def _up(audience: Audience, only: set[str] | None = None) -> list[Raised]:
    return raised(audience.teams, full_numbers=audience.full_numbers, only=only)


def _fragment(one: Raised, audience: Audience) -> Fragment:
    content = html("agents/_raised.html", audience, {"raised": one})
    return Fragment(row_id(one.pk), LIST, one.version, content)


BOARD = Hands()
