"""A supervisor who presses buttons all the time, on a server that may be dead."""

import random
import threading
from collections import Counter
from typing import Any, NamedTuple

import httpx

from tests.support.earshot import Earshot
from tests.support.pressing import press

PRESENT = (
    "SELECT p.id, p.conference_id, p.muted, p.on_hold, c.recording "
    "FROM conferences_participant p JOIN conferences_conference c ON c.id = p.conference_id "
    "WHERE p.left_at IS NULL AND c.status <> 'completed' ORDER BY p.id"
)
# A press takes its conference out of the simulator's script, so most go where others went before.
SAME_AGAIN = 0.7
DOUBLE_CLICK = 0.15


class Person(NamedTuple):
    """Somebody in a live conference, as Earshot has them at this moment."""

    pk: int
    conference: str
    muted: Any
    on_hold: Any
    recording: str


class Presser(threading.Thread):
    """Presses one button every `pause` seconds until `end`; `answers` counts them by status."""

    def __init__(self, earshot: Earshot, seed: int, pause: float) -> None:
        super().__init__(name="presser", daemon=True)
        self.answers: Counter[str] = Counter()
        self.verbs: Counter[str] = Counter()
        self.troubles: list[str] = []
        self._earshot, self._pause = earshot, pause
        self._dice = random.Random(f"{seed} presses")
        self._touched: set[str] = set()
        self._ending = threading.Event()

    def run(self) -> None:
        try:
            while not self._ending.wait(self._pause):
                self.press_one()
        except Exception as problem:
            self.troubles.append(f"the presser stopped pressing: {problem!r}")
            raise

    def end(self) -> None:
        self._ending.set()
        if self.is_alive():
            self.join()

    def press_one(self) -> None:
        """One button of somebody who is there, if anybody is."""
        somebody = self._choose()
        if somebody is None:
            return
        path, verb = self._button(somebody)
        for _ in range(2 if self._dice.random() < DOUBLE_CLICK else 1):
            self._press(path, verb)

    def _choose(self) -> Person | None:
        people = [Person(*row) for row in self._earshot.rows(PRESENT)]
        touched = [one for one in people if one.conference in self._touched]
        again = touched and self._dice.random() < SAME_AGAIN
        somebody = self._dice.choice(touched if again else people) if people else None
        if somebody:
            self._touched.add(somebody.conference)
        return somebody

    def _button(self, person: Person) -> tuple[str, str]:
        """Its address and its verb, of those that the page would offer."""
        on_person = [
            "unmute" if person.muted else "mute",
            "resume" if person.on_hold else "hold",
            "remove",
        ]
        on_everyone = [f"{verb}-everyone" for verb in ("mute", "unmute", "hold", "resume")]
        recording = {"on": ["pause", "stop"], "paused": ["resume-recording", "stop"]}
        groups = [on_person, on_everyone, recording.get(person.recording, ["record"]), ["end"]]
        (group,) = self._dice.choices(groups, [60, 10, 22, 8])
        verb = self._dice.choice(group)
        where = f"/conferences/{person.conference}"
        return (f"{where}/people/{person.pk}/{verb}" if group is on_person else f"{where}/{verb}"), verb

    def _press(self, path: str, verb: str) -> None:
        try:
            answer = press(self._earshot, path)
        except httpx.HTTPError as problem:
            self.answers[type(problem).__name__] += 1
            return
        self.answers[str(answer.status_code)] += 1
        self.verbs[verb] += 1
        # 409 is an answer: the person left, the conference ended, somebody else pressed.
        if answer.status_code not in {204, 409}:
            self.troubles.append(f"{verb}: {answer.status_code} {answer.text[:200]}")
