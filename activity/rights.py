"""By what right somebody listened: what the press wrote down of it, who gave it, what agents were told."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType

from dashboard.models import Agent, Command, Team, User
from dashboard.roles import ALL_TEAMS, ROLES
from supervision import words
from supervision.preflight import RIGHTS

_TOLD = {
    Team.Telling.NAMED: "Who listens, and since when",
    Team.Telling.PLAIN: "That somebody listens, and since when",
    Team.Telling.NOTHING: "Nothing while nobody can be heard",
}
_NAMES = ("Groups", "Teams", "groups", "teams")


@dataclass(frozen=True, slots=True)
class Right:
    """As it was at the press. `teams` None: all teams. Without a role nothing was written down of it."""

    role: str
    modes: Sequence[str]
    teams: Sequence[str] | None

    @property
    def short(self) -> str:
        """`Supervisor, all teams`"""
        return f"{self.role}, {self.where}" if self.role else "Not written down"

    @property
    def where(self) -> str:
        if self.teams is None:
            return "all teams"
        return ", ".join(self.teams) or "no team"

    @property
    def words(self) -> str:
        """`Listen, whisper and barge, all teams`"""
        if not self.role:
            return "Not written down"
        return f"{words.several(self.modes).capitalize()}, {self.where}"


@dataclass(frozen=True, slots=True)
class Told:
    """What the page of one team's agents says of somebody who listens."""

    words: str
    team: str


def recorded(commands: Iterable[Command]) -> Right:
    """What the first press of the supervision wrote down of the presser's right."""
    written = next((one.detail["right"] for one in commands if one.detail.get("right")), None)
    if written is None:
        return Right("", (), ())
    roles = [role for role in written["roles"] if role != ALL_TEAMS]
    role = "Admin" if "admin" in roles else ", ".join(roles).capitalize()
    allowed = frozenset().union(*(ROLES.get(name, frozenset()) for name in roles))
    modes = [mode for mode, action in RIGHTS.items() if action in allowed]
    return Right(role, modes, written["teams"])


def given_by(user_id: int, before: datetime) -> str:
    """Who last gave this person roles or teams before then, as far as the admin's log says."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user_id), action_time__lte=before
    )
    for entry in entries.select_related("user").order_by("-action_time"):
        if entry.action_flag == ADDITION or _is_about_roles(entry.change_message):
            return f"{entry.user}, {entry.action_time:%-d %b %Y}"
    return "Not known: not on the admin’s pages"


def _is_about_roles(message: str) -> bool:
    try:
        changes = json.loads(message)
    except ValueError:
        return False
    named = [name for change in changes for name in change.get("changed", {}).get("fields", ())]
    return any(name in _NAMES for name in named)


def told(numbers: Iterable[str]) -> list[Told]:
    """What the agents with these numbers are told, by the policies of their teams as they are now."""
    wanted = [number for number in numbers if number]
    agents = Agent.objects.filter(number__in=wanted) | Agent.objects.filter(sip_address__in=wanted)
    teams = {agent.team for agent in agents.select_related("team") if agent.team}
    return [
        Told(_TOLD[Team.Telling(team.tells_agents)], team.name)
        for team in sorted(teams, key=lambda team: team.name)
    ]
