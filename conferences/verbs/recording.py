"""Commands on the recording of a conference. Telnyx announces only that it was saved."""

from conferences.options.people import Regional
from conferences.options.recording import Record
from dashboard.roles import Action
from dashboard.verbs import Verb, options

RECORD = Verb(
    family="record",
    permission=Action.RECORD,
    noun="Record",
    doing="Starting",
    past="started the recording",
    icon="record",
    send=lambda telnyx, id_, command: telnyx.record_start(id_, command.pk, **options(command)),
    options=Record,
    note=lambda chosen: ", ".join(
        str(chosen[name]) for name in ("custom_file_name", "format") if name in chosen
    ),
)
PAUSE = Verb(
    family="record",
    permission=Action.RECORD,
    noun="Pause recording",
    doing="Pausing",
    past="paused the recording",
    icon="paused",
    send=lambda telnyx, id_, command: telnyx.record_pause(id_, command.pk, **options(command)),
    options=Regional,
)
RESUME = Verb(
    family="record",
    permission=Action.RECORD,
    noun="Resume recording",
    doing="Resuming",
    past="resumed the recording",
    icon="record",
    send=lambda telnyx, id_, command: telnyx.record_resume(id_, command.pk, **options(command)),
    options=Regional,
)
STOP = Verb(
    family="record",
    permission=Action.RECORD,
    noun="Stop recording",
    doing="Stopping",
    past="stopped the recording",
    icon="stop",
    send=lambda telnyx, id_, command: telnyx.record_stop(id_, command.pk, **options(command)),
    options=Regional,
)

RECORDING = {"record": RECORD, "pause": PAUSE, "resume-recording": RESUME, "stop": STOP}
