"""Commands to a Telnyx that misbehaves: fifty faults × mute, hold, remove, record, end."""

import pytest

from tests.support.mishaps import Fault, cases, named
from tests.support.one_click import one_click
from tests.support.still_stage import END, HOLD, MUTE, RECORD, REMOVE, Act, SetStage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("fault", "act"), cases(MUTE, RECORD, REMOVE, HOLD, END), ids=named)
def test_one_click(fault: Fault, act: Act, set_stage: SetStage) -> None:
    one_click(fault, act, set_stage(fault, act))
