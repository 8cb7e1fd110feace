"""The script of a morning: callers arrive, wait, are taken by an agent, or lose patience."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial

from simulator import calls, departures, errors, queues
from simulator.cast import AREA_CODES, CALLERS, LINES, Agent, Line, agents
from simulator.conversation import Conversation, TwoLegs
from simulator.state import Json, Leg, World

OPENING_CALLERS = 18
OPENING_AGENTS = 10
OPENING_SPACING = 0.2
# The burst's callers do without pauses, so that a screen opened ten seconds later is full.
BURST_ENDS = 8.0
# Every eighth conversation needs no conference; by counting, so that the dice fall as they always did.
TWO_LEGS_EVERY = 8


@dataclass(eq=False)
class Waiting:
    """A caller in a queue, with dice of its own: one caller's fate never changes another's."""

    leg: Leg
    line: Line
    dice: random.Random
    taken: bool = False

    @property
    def still(self) -> bool:
        return self.leg.place is not None and not self.leg.commanded and not self.taken


class Traffic:
    """Starts with a burst; then callers arrive at random, `calls_per_minute` of them on average."""

    def __init__(self, world: World) -> None:
        self._world = world
        seed = world.settings.seed
        # Without a seed, one that nobody knows; with one, the same morning again.
        self._seed = random.SystemRandom().getrandbits(64) if seed is None else seed
        self._dice = self._new_dice("arrivals")
        self._agents = agents(world.settings.calls_per_minute)
        self._free: list[Agent] = []
        self._waiting: list[Waiting] = []
        self._callers = self._conversations = 0
        self.started = False

    def cast(self) -> list[Json]:
        return [agent.shown() for agent in self._agents]

    def start(self) -> None:
        if self.started:
            return
        self.started = True
        self._open()
        if self._world.settings.calls_per_minute > 0:
            self._world.timers.after(BURST_ENDS, self._arrive_and_go_on)

    def _open(self) -> None:
        self._free = self._agents[:OPENING_AGENTS]
        for agent in self._agents[OPENING_AGENTS:]:
            self._world.timers.after(self._dice.uniform(30, 150), partial(self.release, agent))
        for number in range(OPENING_CALLERS):
            line = LINES[number % len(LINES)]
            self._world.timers.after(number * OPENING_SPACING, partial(self._arrive, line))

    def _arrive_and_go_on(self) -> None:
        line = self._dice.choices(LINES, [one.weight for one in LINES])[0]
        self._arrive(line)
        rate = self._world.settings.calls_per_minute / 60
        self._world.timers.after(self._dice.expovariate(rate), self._arrive_and_go_on)

    def _arrive(self, line: Line) -> None:
        self._callers += 1
        dice = self._new_dice(f"caller {self._callers}")
        number = f"+1{dice.choice(AREA_CODES)}5550{dice.randrange(100, 200)}"
        name = dice.choice(CALLERS) if dice.random() < 0.6 else number
        leg = calls.incoming(self._world, number, line.number, name, scripted=True)
        caller = Waiting(leg, line, dice)
        self._world.timers.after(dice.uniform(0.3, 0.8), lambda: self._answer(caller))

    def _answer(self, caller: Waiting) -> None:
        if caller.leg.commanded or caller.leg.ended:
            return
        calls.answer(self._world, caller.leg)
        self._world.timers.after(caller.dice.uniform(0.2, 0.5), lambda: self._enqueue(caller))

    def _enqueue(self, caller: Waiting) -> None:
        leg, dice = caller.leg, caller.dice
        if leg.commanded or leg.ended:
            return
        longest = 90 if dice.random() < 0.05 else None
        try:
            queues.enqueue(self._world, leg, caller.line.queue, max_wait_secs=longest)
        except errors.Refusal:
            departures.hang_up(self._world, leg, "normal_clearing", "callee")
            return
        self._waiting.append(caller)
        patience = dice.uniform(15, 70) if dice.random() < 0.12 else dice.uniform(150, 600)
        self._world.timers.after(patience, lambda: self._lose_patience(caller))
        if longest is not None:
            self._world.timers.after(longest + dice.uniform(2, 5), lambda: self._give_up(caller))
        self._match()

    def _lose_patience(self, caller: Waiting) -> None:
        if caller.still:
            departures.hang_up(self._world, caller.leg, "normal_clearing", "caller")

    def _give_up(self, caller: Waiting) -> None:
        """The longest wait is over: Telnyx parked the call, and the caller does not stay for that."""
        leg = caller.leg
        if leg.place is None and leg.participant is None and not leg.commanded and not caller.taken:
            departures.hang_up(self._world, leg, "normal_clearing", "caller")

    def _match(self) -> None:
        """Gives whoever waits longest the first free agent that serves their queue."""
        self._waiting = [caller for caller in self._waiting if caller.still]
        for caller in self._waiting:
            agent = next((one for one in self._free if caller.line.queue in one.queues), None)
            if agent is not None:
                self._free.remove(agent)
                caller.taken = True
                self._conversation()(self._world, self, caller.leg, caller.line, agent, caller.dice).begin()

    def _conversation(self) -> type[Conversation]:
        self._conversations += 1
        return TwoLegs if self._conversations % TWO_LEGS_EVERY == 5 else Conversation

    def release(self, agent: Agent) -> None:
        """The agent is free again."""
        self._free.append(agent)
        self._match()

    def give_back(self, leg: Leg) -> None:
        """The agent did not come: the caller waits on, for another."""
        for caller in self._waiting:
            if caller.leg is leg:
                caller.taken = False

    def colleague(self, dice: random.Random) -> Agent | None:
        """Somebody free to be consulted, a specialist first; busy from then on."""
        able = sorted(self._free, key=lambda agent: agent.title != "Specialist")
        if not able or (able[0].title != "Specialist" and dice.random() < 0.5):
            return None
        self._free.remove(able[0])
        return able[0]

    def _new_dice(self, name: str) -> random.Random:
        return random.Random(f"{self._seed} {name}")  # noqa: S311 - dice, not keys
