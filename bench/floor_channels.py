"""The stock way of Channels with the same task: each socket is a consumer in a group, over Redis.

FLOOR_REDIS_URL=… python -m daphne -v 0 bench.floor_channels:application
"""

import os
from typing import Any

from django.conf import settings

settings.configure(
    SECRET_KEY="only-for-the-bench",
    CHANNEL_LAYERS={
        "default": {
            # The cheaper of the two layers; idle sockets of the other die of redis-py's socket timeout.
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["FLOOR_REDIS_URL"]]},
        }
    },
)

# Only now: they read the settings.
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

GROUP = "listening"


class Listening(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def news(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


class Saying(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.channel_layer.group_send(GROUP, {"type": "news", "text": text_data})


_sockets = URLRouter([path("say", Saying.as_asgi()), path("", Listening.as_asgi())])


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await _sockets(scope, receive, send)
