"""From rows to what a page shows of raised hands."""

from collections import defaultdict
from collections.abc import Iterable

from conferences.models import Conference, Hand
from conferences.presentation import HandShown
from telephony.statements import Select

_UP = Select(
    Hand,
    "conferences_hand.conference_id IN {} AND lowered_at IS NULL AND sent_to > 0"
    " AND EXISTS (SELECT 1 FROM conferences_participant AS stay"
    " WHERE stay.id = conferences_hand.stay_id AND stay.left_at IS NULL)",
    order="raised_at, id",
)


def up(conferences: Iterable[Conference]) -> dict[str, list[HandShown]]:
    """The hands that are up in these conferences, oldest first, by the conference's id."""
    found: dict[str, list[HandShown]] = defaultdict(list)
    for hand in _UP.rows([conference.id for conference in conferences]):
        found[hand.conference_id].append(_shown(hand))
    return found


def _shown(hand: Hand) -> HandShown:
    return HandShown(
        pk=hand.pk,
        stay=hand.stay_id,
        user=hand.user_id,
        user_name=hand.user_name,
        reason=hand.get_reason_display(),
        words=hand.words,
        raised_at=hand.raised_at,
        sent_to=hand.sent_to,
        seen_by=hand.seen_by_name,
        seen_by_user=hand.seen_by_id,
        seen_at=hand.seen_at,
        coming=hand.coming_name,
        coming_user=hand.coming_id,
        coming_at=hand.coming_at,
    )
