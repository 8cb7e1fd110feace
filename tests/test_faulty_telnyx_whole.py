"""Commands on a whole conference to a Telnyx that misbehaves: fifty faults × record, end."""

import pytest

from tests.support.mishaps import Fault, cases, named
from tests.support.one_click import one_click
from tests.support.still_stage import END, RECORD, Act, SetStage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("fault", "act"), cases(RECORD, END), ids=named)
def test_one_click(fault: Fault, act: Act, set_stage: SetStage) -> None:
    one_click(fault, act, set_stage(fault, act))
