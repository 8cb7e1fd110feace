"""How lines of the log are written: as text for people, or as JSON for programs (`LOG_FORMAT=json`).

Both say what they are about (`telephony.trace`): `request`, `event`, `command`. Neither ever says a secret or
a full number, because nothing that is logged holds one.
"""

import json
import logging
from datetime import UTC, datetime

from telephony import trace


class Text(logging.Formatter):
    """`2026-11-23 12:00:00,000 WARNING earshot.door: words [event=…]`."""

    def format(self, record: logging.LogRecord) -> str:
        ids = " ".join(f"{name}={value}" for name, value in trace.current().items())
        return f"{super().format(record)} [{ids}]" if ids else super().format(record)


class Json(logging.Formatter):
    """One object a line: `{"at", "level", "logger", "message"}`, the ids, and `"trace"` of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **trace.current(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
