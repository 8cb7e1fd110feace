"""What the reads of conferences and queues share: absences, and the event that carries what was found."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telephony.events import encode
from telephony.projection import Arrival, arrive

# One absence may be a webhook on its way; two reads this far apart are not.
ABSENT_FOR = timedelta(seconds=3)


@dataclass(slots=True)
class Absences:
    """Who was missing in a place when it was read last, and since when. Kept by one worker, in memory."""

    _since: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def proven(self, place: str, absent: set[str], read_at: datetime) -> list[str]:
        """Of the legs absent from a place in this read, those absent for `ABSENT_FOR` of reads."""
        before = {key: at for key, at in self._since.items() if key[0] == place}
        for key in before:
            del self._since[key]
        for leg in absent:
            self._since[place, leg] = before.get((place, leg), read_at)
        return sorted(leg for leg in absent if read_at - self._since[place, leg] >= ABSENT_FOR)


def found(event_type: str, payload: dict[str, Any], read_at: datetime) -> None:
    """Put what a read found into the inbox, within the transaction that compared."""
    event_id = f"read:{uuid.uuid4()}"
    body = encode(event_type, event_id, read_at, payload)
    arrive([Arrival(event_id, "read", event_type, body, read_at)])
