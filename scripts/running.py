"""What `make demo` and `make up` have in common: who may sign in, the simulator's key, and how they end."""

import signal
from types import FrameType

import httpx

PASSWORD = "listen-in-demo"  # noqa: S105 -- printed on purpose: it opens made-up calls on this machine
CONNECTION_ID = "1494404757140276705"
KEY_LINE = "TELNYX_PUBLIC_KEY="
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_on_signals() -> None:
    """The first of `ENDING` raises KeyboardInterrupt in the main thread, so that `with` ends what it began.

    Those after it are ignored: one in the middle of the ending would leave processes behind."""
    for one in ENDING:
        signal.signal(one, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    for one in ENDING:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


def public_key(output: str) -> str:
    """The key that a simulator has printed; empty while it has not."""
    lines = output.splitlines()
    return next((line.removeprefix(KEY_LINE) for line in lines if line.startswith(KEY_LINE)), "")


def answers(url: str) -> bool:
    """Whether a GET is answered with 2xx within 2 s."""
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False
