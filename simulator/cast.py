"""Who works in this call centre, which queues it has, and who calls it."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.state import Json


@dataclass(frozen=True)
class Line:
    """A queue, the number that leads to it, and how often it is called compared with the others."""

    queue: str
    number: str
    weight: int

    @property
    def short(self) -> str:
        """Conferences are named after it."""
        return self.queue.split()[0]


@dataclass(frozen=True)
class Agent:
    name: str
    title: str
    number: str
    team: str
    queues: tuple[str, ...]

    @property
    def sip_address(self) -> str:
        return f"sip:{self.name.lower().replace(' ', '.')}@sip.telnyx.com"

    def shown(self) -> Json:
        return {
            "name": self.name,
            "title": self.title,
            "number": self.number,
            "sip_address": self.sip_address,
            "team": self.team,
            "queues": list(self.queues),
        }


LINES = (
    Line("Support Tier 1", "+18005550110", 6),
    Line("Billing", "+18005550120", 4),
    Line("Claims", "+18005550130", 3),
    Line("Sales", "+18005550140", 4),
    Line("Spanish", "+18005550150", 2),
    Line("Outage line", "+18005550160", 2),
)

SUPPORT = ("Support Tier 1", "Outage line")
MONEY = ("Billing", "Claims")
SELLING = ("Sales", "Spanish")

# The first ten are at their desks when the morning opens; between them they serve every queue.
ROSTER = (
    ("Priya Nair", "Agent", "Support", SUPPORT),
    ("Marcus Bell", "Agent", "Billing", MONEY),
    ("Ines Carvalho", "Agent", "Sales", SELLING),
    ("Sofia Lindqvist", "Agent", "Support", SUPPORT),
    ("Jonas Weber", "Agent", "Billing", MONEY),
    ("Owen Hartley", "Senior agent", "Sales", (*SELLING, "Billing")),
    ("Leila Haddad", "Agent", "Support", ("Support Tier 1", "Spanish")),
    ("Viktor Lund", "Agent", "Support", SUPPORT),
    ("Grace Liu", "Agent", "Billing", MONEY),
    ("Rachel Kim", "Agent", "Sales", ("Sales",)),
    ("Diego Fuentes", "Agent", "Sales", SELLING),
    ("Hannah Brooks", "Agent", "Billing", MONEY),
    ("Amir Rahimi", "Agent", "Support", ("Support Tier 1",)),
    ("Nadia Rahal", "Senior agent", "Billing", (*MONEY, "Support Tier 1")),
    ("Paul Ferrer", "Agent", "Sales", SELLING),
    ("Ewa Nowak", "Agent", "Support", SUPPORT),
    ("Sami Haddou", "Agent", "Billing", (*MONEY, "Sales")),
    ("Tomasz Zielinski", "Specialist", "Support", ()),
)

CALLERS = (
    "Anna Kowalska",
    "Ben Adler",
    "Carla Mendes",
    "Daniel Okoro",
    "Elena Petrova",
    "Frank Moretti",
    "Gwen Ashby",
    "Hugo Lambert",
    "Isabel Torres",
    "Jack Sinclair",
    "Keiko Tanaka",
    "Liam Doyle",
    "Mona Saleh",
    "Nils Berg",
    "Olga Ivanova",
    "Pedro Alvarez",
)

# Not 312: there are the agents, and no caller may have the number of one.
AREA_CODES = ("212", "313", "415", "512", "617", "702", "206", "303", "404", "503")


def agents(calls_per_minute: float) -> list[Agent]:
    """The roster, and at busy rates as many more as it takes to answer in time."""
    people = [
        Agent(name, title, f"+131255501{10 + index}", team, queues)
        for index, (name, title, team, queues) in enumerate(ROSTER)
    ]
    teams = (("Support", SUPPORT), ("Billing", MONEY), ("Sales", SELLING))
    for extra in range(len(people) + 1, round(calls_per_minute * 2.25) + 1):
        team, queues = teams[extra % len(teams)]
        people.append(Agent(f"Agent {extra}", "Agent", f"+1312556{extra:04d}", team, queues))
    return people
