"""The standing cast: who may do everything here, who may do little, and who must see nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from dashboard.models import Agent, User

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Cast:
    """Two supervisors (one sees what the other did), an agent, an admin, and a stranger without a role."""

    supervisor: User
    colleague: User
    agent: User
    admin: User
    stranger: User

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
    )
    Agent.objects.create(name="Priya Nair", number="+13125550147", team="Claims", user=cast.agent)
    return cast


def _person(account: str, name: str, role: str, password: str) -> User:
    user = User(email=f"{account}@earshot.example", name=name, password=password)
    user.save()
    if role:
        # The flush after a transactional test empties the groups that a migration made.
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user
