"""Everything that people can do to a conference: a table of commands, by what they act on.

The keys are the last part of the button's address, the `action` of the command log, and `reply.<key>` in the
inbox.
"""

from conferences.verbs.people import EVERYONE, PERSONAL
from conferences.verbs.recording import RECORDING
from conferences.verbs.sound import ASKED, SOUND
from conferences.verbs.whole import WHOLE
from dashboard.verbs import Verb

__all__ = ["ASKED", "EVERYONE", "PERSONAL", "RECORDING", "SOUND", "VERBS", "WHOLE", "Verb"]

VERBS: dict[str, Verb] = {**PERSONAL, **SOUND, **ASKED, **RECORDING, **WHOLE}
