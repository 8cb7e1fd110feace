"""Commands on people to a Telnyx that misbehaves: fifty faults × mute, hold, remove."""

import pytest

from tests.support.mishaps import FAULTS, Fault
from tests.support.one_click import one_click
from tests.support.still_stage import HOLD, MUTE, REMOVE, Act, SetStage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("act", [MUTE, HOLD, REMOVE], ids=lambda act: act.verb)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_one_click(fault: Fault, act: Act, set_stage: SetStage) -> None:
    one_click(fault, act, set_stage(fault, act))
