"""The line in which sockets wait to be opened, without a server and with a clock of the test's own."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from supervisor_site.handshakes import Handshakes


class Gate:
    """Two are opened at once and have 5 s for it; three stand in the line, for 15 s at the most."""

    def __init__(self) -> None:
        self.now, self._next = 100.0, list[Callable[[], None]]()
        self.told: list[str] = []
        self.line = Handshakes(
            self._next.append, most=2, within=5.0, line_most=3, wait_most=15.0, clock=lambda: self.now
        )

    def come(self, names: str) -> list["One"]:
        ones = [One(name, self) for name in names]
        for one in ones:
            self.line.come(one)
        return ones

    def turn(self) -> str:
        """What was told since the last time, by name, after one turn of the loop."""
        waiting, self._next[:] = self._next[:], []
        for act in waiting:
            act()
        told, self.told = self.told, []
        return " ".join(told)


@dataclass(eq=False)
class One:
    name: str
    gate: Gate = field(repr=False)

    def let_in(self) -> None:
        self.gate.told.append(f"{self.name} in")
        self.gate.line.begin(self)

    def tell_to_come_again(self) -> None:
        self.gate.told.append(f"{self.name} later")


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_a_few_are_opened_at_once_and_the_others_in_the_order_they_came(gate: Gate) -> None:
    first, second, *_ = gate.come("abcd")
    assert gate.turn() == "a in b in"
    gate.line.end(first)
    assert gate.turn() == "c in"
    assert gate.turn() == ""
    gate.line.end(first)
    assert gate.turn() == "", "what has ended does not end twice"
    gate.line.end(second)
    assert gate.turn() == "d in"


def test_one_is_let_in_at_each_turn_of_the_loop(gate: Gate) -> None:
    first, second, *_ = gate.come("abcd")
    gate.turn()
    gate.line.end(first)
    gate.line.end(second)
    assert gate.turn() == "c in"
    assert gate.turn() == "d in"


def test_who_comes_does_not_pass_those_who_wait(gate: Gate) -> None:
    first, *_ = gate.come("abc")
    gate.turn()
    gate.line.end(first)
    gate.come("d")
    assert gate.turn() == "c in"


def test_whoever_finds_a_long_line_is_told_to_come_again(gate: Gate) -> None:
    gate.come("abcdef")
    assert gate.turn() == "a in b in f later"


def test_whoever_has_hung_up_has_no_turn(gate: Gate) -> None:
    first, _, third, _ = gate.come("abcd")
    gate.turn()
    gate.line.leave(third)
    gate.line.leave(first)
    gate.line.end(first)
    assert gate.turn() == "d in"


def test_what_is_silent_holds_its_place_for_a_while_only(gate: Gate) -> None:
    gate.come("abcd")
    gate.turn()
    gate.now += 6
    gate.line.look()
    assert gate.turn() == "c in"
    assert gate.turn() == "d in"


def test_nobody_stands_in_the_line_for_ever(gate: Gate) -> None:
    gate.come("abc")
    gate.turn()
    for _ in range(3):
        gate.now += 5
        for one in "xy":
            gate.line.begin(one)  # others that are slow
        gate.line.look()
        assert gate.turn() == ""
    gate.come("d")
    gate.now += 1
    gate.line.look()
    assert gate.turn() == "c later"


def test_at_the_end_all_are_sent_away_and_nobody_is_let_in(gate: Gate) -> None:
    first, *_ = gate.come("abcd")
    gate.turn()
    gate.line.close()
    assert gate.turn() == "c later d later"
    gate.line.end(first)
    gate.come("e")
    assert gate.turn() == "e later"
