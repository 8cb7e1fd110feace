"""Commands on a conference as a whole."""

from dashboard.roles import Action
from dashboard.verbs import Verb

END = Verb(
    family="end",
    permission=Action.END,
    noun="End conference",
    doing="Ending",
    past="ended the conference",
    icon="end",
    send=lambda telnyx, id_, command: telnyx.end_conference(id_, command.pk),
)

WHOLE = {"end": END}
