"""One conversation of the script, from the agent's ringing phone to the last hang-up."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

from simulator import audio, calls, conferences, departures
from simulator.cast import Agent, Line
from simulator.clock import Action
from simulator.state import Conference, Leg, World

Switch = Callable[[bool], None]

NOTICES = (
    "https://media.example.com/recorded-for-training.mp3",
    "https://media.example.com/one-moment-please.mp3",
)
SHORTEST, MEAN_BEYOND, LONGEST = 60.0, 40.0, 720.0
WATCH_SECONDS = 2.0


class Desk(Protocol):
    """Where agents come from and go back to."""

    def release(self, agent: Agent) -> None: ...

    def give_back(self, leg: Leg) -> None: ...

    def colleague(self, dice: random.Random) -> Agent | None: ...


class Conversation:
    """Acts on its conference until a command touches it; from then on only watches for the agent's end."""

    def __init__(
        self, world: World, desk: Desk, caller: Leg, line: Line, agent: Agent, dice: random.Random
    ) -> None:
        self._world, self._desk, self._dice = world, desk, dice
        self._caller, self._line, self._agent = caller, line, agent
        self._agent_leg: Leg | None = None
        self._conference: Conference | None = None

    def begin(self) -> None:
        self._after(self._dice.uniform(0.2, 0.8), self._ring_agent)

    def _ring_agent(self) -> None:
        if self._caller_is_gone():
            self._desk.release(self._agent)
            return
        answer_after = self._dice.uniform(0.4, 1.6)
        self._agent_leg = self._dial(self._agent, answer_after)
        self._after(answer_after + 0.1, self._connect)

    def _dial(self, agent: Agent, answer_after: float) -> Leg:
        options = {
            "answer_after": answer_after,
            "call_session_id": self._caller.call_session_id,
            "scripted": True,
        }
        return calls.dial(self._world, self._line.number, agent.number, options)

    def _caller_is_gone(self) -> bool:
        return self._caller.place is None or self._caller.commanded

    def _connect(self) -> None:
        leg = self._agent_leg
        if leg is None or leg.commanded or leg.state != "answered" or self._caller_is_gone():
            self._call_off()
            return
        name = self._free_name()
        self._conference = conferences.create(self._world, self._caller, name, {})
        self._after(self._dice.uniform(0.1, 0.3), self._agent_joins)

    def _free_name(self) -> str:
        while True:
            name = f"{self._line.short} {self._dice.randrange(1000, 10000)}"
            if conferences.live_by_name(self._world, name) is None:
                return name

    def _call_off(self) -> None:
        leg = self._agent_leg
        if leg is not None and not leg.commanded:
            departures.hang_up(self._world, leg, "normal_clearing", "caller")
        self._desk.give_back(self._caller)
        self._watch()

    def _agent_joins(self) -> None:
        leg = self._agent_leg
        if self._conference is not None and leg is not None and leg.state == "answered" and self._ours():
            conferences.join(self._world, self._conference, leg, {})
            self._plan(self._conference, self._caller, leg)
        self._watch()

    def _ours(self) -> bool:
        conference = self._conference
        return conference is not None and conference.live and not conference.commanded

    def _plan(self, conference: Conference, caller: Leg, agent: Leg) -> None:
        """What will happen, all decided now: the dice are thrown in the same order whatever comes between."""
        dice = self._dice
        length = min(SHORTEST + dice.expovariate(1 / MEAN_BEYOND), LONGEST)
        self._after(dice.uniform(0.3, 1.0), self._talk)
        # Nobody records by script: Telnyx neither announces nor lists a recording that runs, so a program of
        # the account could never know of it.
        self._plan_interruptions(conference, caller, agent, length)
        self._plan_end(caller, agent, length)

    def _plan_interruptions(self, conference: Conference, caller: Leg, agent: Leg, length: float) -> None:
        world, dice = self._world, self._dice
        if dice.random() < 0.25:
            self._for_a_while(length, 10, 50, lambda on: self._hold(conference, caller, on))
        if dice.random() < 0.12:
            self._for_a_while(length, 5, 20, lambda on: self._mute(conference, agent, on))
        if dice.random() < 0.1:
            media = {"media_url": dice.choice(NOTICES)}
            self._when_ours(
                dice.uniform(2, 12),
                lambda: audio.play(world, conference, [None], "playback", media, audio.length(media)),
            )
        if dice.random() < 0.15:
            self._when_ours(length * dice.uniform(0.2, 0.6), self._consult)

    def _hold(self, conference: Conference, leg: Leg, on: bool) -> None:
        if leg.participant is not None:
            conferences.set_on_hold(self._world, conference, [leg.call_control_id], on)

    def _mute(self, conference: Conference, leg: Leg, on: bool) -> None:
        if leg.participant is not None:
            conferences.set_muted(self._world, conference, [leg.call_control_id], on)

    def _plan_end(self, caller: Leg, agent: Leg, length: float) -> None:
        first, second = (caller, agent) if self._dice.random() < 0.6 else (agent, caller)
        self._when_ours(length, lambda: self._leaves(first))
        self._when_ours(length + self._dice.uniform(0.5, 2.0), lambda: self._leaves(second))

    def _leaves(self, leg: Leg) -> None:
        if not leg.commanded:
            calls.far_party_does(self._world, leg, "hangup")

    def _talk(self) -> None:
        """The floor goes to somebody else who can be heard, every few seconds."""
        conference = self._conference
        if conference is None or not self._ours():
            return
        able = [
            one.leg
            for one in conference.participants.values()
            if not one.muted and not one.on_hold and one.leg.call_control_id != conference.floor
        ]
        if able:
            conferences.take_floor(self._world, self._dice.choice(able))
        self._after(3 + min(self._dice.expovariate(1 / 4), 12), self._talk)

    def _consult(self) -> None:
        """The agent asks a colleague to join for a while."""
        colleague = self._desk.colleague(self._dice)
        if colleague is None:
            return
        answer_after, stays = self._dice.uniform(1, 3), self._dice.uniform(15, 45)
        leg = self._dial(colleague, answer_after)
        self._after(answer_after + 0.2, lambda: self._colleague_joins(leg))
        self._after(answer_after + stays, lambda: self._colleague_leaves(leg, colleague))

    def _colleague_joins(self, leg: Leg) -> None:
        if self._conference is not None and self._ours() and leg.state == "answered" and not leg.commanded:
            conferences.join(self._world, self._conference, leg, {})

    def _colleague_leaves(self, leg: Leg, colleague: Agent) -> None:
        self._leaves(leg)
        if leg.ended:
            self._desk.release(colleague)
        else:
            self._after(WATCH_SECONDS, lambda: self._colleague_leaves(leg, colleague))

    def _watch(self) -> None:
        """The agent is free some seconds after the leg has ended, whoever ended it."""
        if self._agent_leg is None or self._agent_leg.ended:
            self._after(self._dice.uniform(2, 6), lambda: self._desk.release(self._agent))
        else:
            self._leave_if_alone(self._agent_leg)
            self._after(WATCH_SECONDS, self._watch)

    def _leave_if_alone(self, agent: Leg) -> None:
        """An agent whose conference is over goes back to work, unless a command has plans for the leg."""
        if self._is_over(agent) and not agent.commanded:
            calls.far_party_does(self._world, agent, "hangup")

    def _is_over(self, agent: Leg) -> bool:
        return self._conference is None or not self._conference.live

    def _for_a_while(self, length: float, least: float, most: float, switch: Switch) -> None:
        start = length * self._dice.uniform(0.15, 0.6)
        stop = min(start + self._dice.uniform(least, most), length - 1)
        self._when_ours(start, lambda: switch(True))
        self._when_ours(stop, lambda: switch(False))

    def _when_ours(self, seconds: float, action: Action) -> None:
        def act() -> None:
            if self._ours():
                action()

        self._after(seconds, act)

    def _after(self, seconds: float, action: Action) -> None:
        self._world.timers.after(seconds, action)


class TwoLegs(Conversation):
    """A conversation without a conference: the caller is bridged with the agent, as small centres do it."""

    def _connect(self) -> None:
        leg = self._agent_leg
        if leg is None or leg.commanded or leg.state != "answered" or self._caller_is_gone():
            self._call_off()
            return
        calls.bridge(self._world, self._caller, leg)
        length = min(SHORTEST + self._dice.expovariate(1 / MEAN_BEYOND), LONGEST)
        self._plan_end(self._caller, leg, length)
        self._watch()

    def _ours(self) -> bool:
        leg = self._agent_leg
        return leg is not None and self._caller.bridged_with is leg and not leg.commanded

    def _is_over(self, agent: Leg) -> bool:
        return agent.bridged_with is None
