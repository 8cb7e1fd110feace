"""Commands on the recording of a conference. Telnyx announces only that it was saved."""

from conferences.verbs.verb import Verb
from dashboard.roles import Action

RECORD = Verb(
    family="record",
    permission=Action.RECORD,
    noun="Record",
    doing="Starting",
    past="started the recording",
    icon="record",
    send=lambda telnyx, id_, command: telnyx.record_start(id_, command.pk),
)
PAUSE = Verb(
    family="record",
    permission=Action.RECORD,
    noun="Pause recording",
    doing="Pausing",
    past="paused the recording",
    icon="paused",
    send=lambda telnyx, id_, command: telnyx.record_pause(id_, command.pk),
)
RESUME = Verb(
    family="record",
    permission=Action.RECORD,
    noun="Resume recording",
    doing="Resuming",
    past="resumed the recording",
    icon="record",
    send=lambda telnyx, id_, command: telnyx.record_resume(id_, command.pk),
)
STOP = Verb(
    family="record",
    permission=Action.RECORD,
    noun="Stop recording",
    doing="Stopping",
    past="stopped the recording",
    icon="stop",
    send=lambda telnyx, id_, command: telnyx.record_stop(id_, command.pk),
)

RECORDING = {"record": RECORD, "pause": PAUSE, "resume-recording": RESUME, "stop": STOP}
