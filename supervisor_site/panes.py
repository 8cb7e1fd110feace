"""The floor's detail pane, for whatever row is selected."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import bridged_calls.live
import bridged_calls.show
import conferences.live
from dashboard.boards import Audience, Board, Fragment
from telephony.projection import Change


class Pane:
    """The scope `pane:<key>`: the details of what is selected, a conference or a bridged call."""

    kind = "pane"

    def allowed(self, audience: Audience, key: str) -> bool:
        return _pane(key).allowed(audience, key)

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        return _pane(key).snapshot(audience, key)

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return _pane(key).changed(audience, key, changes)

    def touches(self, key: str, change: Change) -> bool:
        return _pane(key).touches(key, change)

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        return _pane(key).versions(audience, key)


def _pane(key: str) -> Board:
    return bridged_calls.live.PANE if key.startswith(bridged_calls.show.KEY) else conferences.live.PANE
