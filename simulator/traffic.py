"""The script of a morning."""

from __future__ import annotations

from simulator.state import Json, World


class Traffic:
    def __init__(self, world: World) -> None:
        self._world = world
        self.started = False

    def start(self) -> None:
        self.started = True

    def cast(self) -> list[Json]:
        return []
