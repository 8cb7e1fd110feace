"""Where each kind of subject has its commands carried out: `conference:<id>` at the desk of conferences."""

from collections.abc import Mapping

import bridged_calls.commands
import conferences.commands
import queues.commands
import recordings.commands
import supervision.desk
import supervision.phone_tests
from dashboard.commands import Desk

DESKS: Mapping[str, Desk] = {
    "bridged": bridged_calls.commands.DESK,
    "conference": conferences.commands.DESK,
    "queue": queues.commands.DESK,
    "recording": recordings.commands.DESK,
    "supervision": supervision.desk.DESK,
    "phone": supervision.phone_tests.DESK,
}
