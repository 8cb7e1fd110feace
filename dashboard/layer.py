"""Pokes between processes: what changed, never the change itself. Losing one harms nothing."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer

from telephony.projection import Change

logger = logging.getLogger("earshot.live")
GROUP = "earshot.pokes"
PROCESS = uuid.uuid4().hex
# A layer that hangs must not hold back the pokes that come after.
SEND_SECONDS = 3.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0


class Once(logging.Filter):
    """The layer logs a dead Redis every second, with a traceback. One line a minute says as much."""

    def __init__(self) -> None:
        super().__init__()
        self._quiet_until = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if time.monotonic() < self._quiet_until:
            return False
        self._quiet_until = time.monotonic() + 60
        record.msg = "Redis does not answer: pages follow by the beat, up to 5 s late"
        record.args = record.exc_info = None
        return True


logging.getLogger("channels_redis.pubsub").addFilter(Once())


def shared() -> bool:
    """Whether other processes can be reached. The in-memory layer's only process is told directly."""
    return not isinstance(get_channel_layer(), InMemoryChannelLayer)


async def publish(changes: Iterable[Change]) -> None:
    """One message to every other process. Raises what the layer raises, or TimeoutError."""
    message = {"type": "poke", "from": PROCESS, "changes": [list(change) for change in changes]}
    async with asyncio.timeout(SEND_SECONDS):
        await get_channel_layer().group_send(GROUP, message)


async def listen(hear: Callable[[set[Change]], None]) -> None:
    """Gives `hear` what other processes publish, for ever; a dead layer is joined again with back-off."""
    layer, channel, pause = get_channel_layer(), "", FIRST_PAUSE
    while True:
        try:
            channel = channel or await layer.new_channel()
            await layer.group_add(GROUP, channel)
            pause = FIRST_PAUSE
            while True:
                hear(_read(await layer.receive(channel)))
        except Exception as problem:
            logger.warning("Cannot hear other processes, trying again in %.0f s: %s", pause, problem)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _read(message: Any) -> set[Change]:
    """Empty for our own echo: this process has heard that already."""
    if message.get("from") == PROCESS:
        return set()
    return {(str(kind), str(key)) for kind, key in message.get("changes", [])}
