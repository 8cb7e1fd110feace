"""Which release this process serves: a wallboard that was loaded from another one loads itself again."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings

KINDS = {".css", ".js", ".svg", ".html"}
FOLDERS = ("static", "templates/wallboards")


@cache
def release() -> str:
    """A hash of every script, style and drawing, and of the wallboard's own page; asked once per process."""
    found = hashlib.sha256()
    for path in sorted(path for folder in FOLDERS for path in (settings.BASE_DIR / folder).rglob("*")):
        if path.suffix in KINDS:
            found.update(_named(path))
    return found.hexdigest()[:16]


def _named(path: Path) -> bytes:
    return str(path.relative_to(settings.BASE_DIR)).encode() + b"\0" + path.read_bytes()
