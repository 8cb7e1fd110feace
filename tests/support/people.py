"""The standing cast: who may do everything here, who may do little, and who must see nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from dashboard.models import Agent, Team, TeamQueue, User
from dashboard.roles import ALL_TEAMS

PASSWORD = "correct horse battery staple"
SALES, SELLING_AGENT = "Sales", "+13125550148"


@dataclass(frozen=True, slots=True)
class Cast:
    """Two supervisors (one sees what the other did), an agent, an admin, and a stranger without a role. They
    see all teams; the seller is a supervisor of Sales alone, which has a queue and the agent Owen Hartley."""

    supervisor: User
    colleague: User
    agent: User
    admin: User
    stranger: User
    seller: User

    def __iter__(self) -> Iterator[User]:
        return (getattr(self, field.name) for field in fields(self))


def gather_cast() -> Cast:
    password = make_password(PASSWORD)
    cast = Cast(
        supervisor=_person("supervisor", "Dana Whitfield", "supervisor", password),
        colleague=_person("colleague", "Luis Ortega", "supervisor", password),
        agent=_person("agent", "Priya Nair", "agent", password),
        admin=_person("admin", "Ruth Adeyemi", "admin", password),
        stranger=_person("stranger", "Nobody Inparticular", "", password),
        seller=_person("seller", "Nadia Haddad", "supervisor", password, all_teams=False),
    )
    Agent.objects.create(
        name="Priya Nair",
        number="+13125550147",
        team=Team.objects.get_or_create(name="Claims")[0],
        user=cast.agent,
    )
    sales = Team.objects.create(name="Sales")
    TeamQueue.objects.create(team=sales, queue_name=SALES)
    Agent.objects.create(name="Owen Hartley", number=SELLING_AGENT, team=sales)
    cast.seller.teams.add(sales)
    return cast


def _person(account: str, name: str, role: str, password: str, *, all_teams: bool = True) -> User:
    user = User(email=f"{account}@earshot.example", name=name, password=password)
    user.save()
    roles = [role, ALL_TEAMS] if all_teams else [role]
    if role:
        # The flush after a transactional test empties the groups that a migration made.
        user.groups.add(*(Group.objects.get_or_create(name=name)[0] for name in roles))
    return user
