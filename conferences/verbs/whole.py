"""Commands on a conference as a whole."""

from conferences.verbs.verb import Verb
from dashboard.roles import Action

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
