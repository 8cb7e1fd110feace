"""What this installation tells of itself, and the tiles that it becomes. Pure values; `tiles` judges them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Level = Literal["ok", "idle", "unknown", "amber", "red"]
PRESENT = timedelta(seconds=20)  # a process that has not beaten for so long has ended
NOTHING = "Nothing to do."


@dataclass(frozen=True, slots=True)
class Process:
    """What one process told with its last beat. Counts are by minute since the epoch."""

    beat_at: datetime
    started_at: datetime
    serves: bool = True
    worked_at: datetime | None = None
    reads_need: float | None = None
    webhooks: Mapping[int, int] | None = None
    webhook_at: datetime | None = None
    refused: Mapping[int, int] | None = None
    refused_at: datetime | None = None
    sockets: int = 0
    behind: int = 0
    renders: float = 0.0
    cut: int = 0
    watched: Mapping[str, int] | None = None
    commit_ms: int | None = None
    redis: "Redis | None" = None
    status: int | None = None
    rate_left: int | None = None
    rate_reset: float | None = None
    clock_offset: float | None = None


@dataclass(frozen=True, slots=True)
class Redis:
    """`ms` None: it did not answer. Memory in bytes, `most` 0: no limit is set."""

    ms: int | None
    memory: int = 0
    most: int = 0
    clients: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line under a tile's figures: what, how it is, and when if that matters."""

    what: str
    how: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Telnyx:
    """What the worker's reads found of the API; `reachable` None: not asked yet.

    `log_refused_since`: since when its log of deliveries cannot be read, `log_reason` why.
    """

    reachable: bool | None = None
    since: datetime | None = None
    checked_at: datetime | None = None
    latency_ms: int | None = None
    log_refused_since: datetime | None = None
    log_reason: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds: calls that are up, what waits, what failed, what reads repaired.

    `recovered` are the webhooks of the last hour that never arrived and came from Telnyx's log.
    """

    calls_up: int = 0
    waiting: int = 0
    waiting_since: datetime | None = None
    tried_again: int = 0
    dead: int = 0
    dead_since: datetime | None = None
    commands_open: int = 0
    commands_unknown: int = 0
    failed: Sequence[Line] = ()
    repaired: Mapping[str, int] | None = None
    recovered: int = 0
    connections: int | None = None
    connections_most: int | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    now: datetime
    processes: Sequence[Process] = ()
    telnyx: Telnyx = Telnyx()
    stored: Stored = Stored()

    @property
    def present(self) -> list[Process]:
        return [process for process in self.processes if self.now - process.beat_at < PRESENT]

    @property
    def worker(self) -> Process | None:
        """The process whose worker came round last, whether or not it still lives."""
        workers = [process for process in self.processes if process.worked_at]
        return max(workers, key=lambda process: process.worked_at or process.beat_at, default=None)


@dataclass(frozen=True, slots=True)
class Figure:
    """`since` instead of a value: a time that passes, as `clock` or `ago`, with limits in seconds."""

    label: str
    value: str = ""
    note: str = ""
    level: Level = "ok"
    since: datetime | None = None
    form: str = "clock"
    amber: float | None = None
    red: float | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """`since` follows the words as a time that passes; `seen` is when this was true."""

    key: str
    name: str
    level: Level
    words: str
    figures: Sequence[Figure]
    todo: str = NOTHING
    since: datetime | None = None
    seen: datetime | None = None
    lines: Sequence[Line] = ()


def moment(epoch: float | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)
