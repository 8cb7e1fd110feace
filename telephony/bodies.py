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


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "not shown" if key in _SECRET else _without_secrets(of) for key, of in value.items()}
    return [_without_secrets(of) for of in value] if isinstance(value, list) else value
