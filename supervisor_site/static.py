"""Static files by content: an address carries its file's hash, so a browser may keep it for ever."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class VersionedStaticFiles(StaticFilesStorage):
    """Adds `?v=<hash>` to each address; needs no collecting step before `serve`."""

    def url(self, name: str | None, *args: Any, **kwargs: Any) -> str:
        address = super().url(name, *args, **kwargs)
        version = _hash_of(name or "")
        return f"{address}?v={version}" if version else address


@cache
def _hash_of(name: str) -> str:
    found = finders.find(name)
    return hashlib.sha256(Path(str(found)).read_bytes()).hexdigest()[:10] if found else ""
