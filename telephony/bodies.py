"""An inbox body as a person may read it: indented, without the addresses that open recordings."""

import json
from typing import Any

MOST = 20_000  # characters
_SECRET = {"recording_urls", "public_recording_urls", "download_urls"}


def readable(body: bytes) -> str:
    """Text that any page can hold. What is no JSON is shown as it came, odd bytes escaped."""
    try:
        text = json.dumps(_without_secrets(json.loads(body)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = body[:MOST].decode("utf-8", "backslashreplace")
    # A lone surrogate cannot be sent to a browser.
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= MOST else f"{text[:MOST]}\n… and {len(text) - MOST} characters more"


def without_links(event_type: str, body: bytes) -> bytes:
    """The bytes to keep of an event: those of a saved recording lose the addresses that open it."""
    if not event_type.endswith("recording.saved"):
        return body
    try:
        told = json.loads(body)
    except ValueError:  # a number of thousands of digits, which only our own reader overlooks
        return body
    return json.dumps(_without_secrets(told), separators=(",", ":")).encode()


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "not shown" if key in _SECRET else _without_secrets(of) for key, of in value.items()}
    return [_without_secrets(of) for of in value] if isinstance(value, list) else value
