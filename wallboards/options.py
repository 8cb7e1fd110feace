"""What is posted by the editor: one form, with the limits of what can be read from 5 m."""

from typing import Any

from django import forms
from django.http import QueryDict

from queues.models import Queue
from wallboards.metrics import METRICS
from wallboards.models import Wallboard

MOST_QUEUES, MOST_COLUMNS = 6, 4
Layout = Wallboard.Layout


class Look(forms.Form):
    """→ the fields of `Wallboard`, and `queues`: keys in the order in which they were posted."""

    name = forms.CharField(
        max_length=60, label="Name", error_messages={"required": "Give the wallboard a name."}
    )
    layout = forms.ChoiceField(choices=Layout.choices, label="Shown as")
    theme = forms.ChoiceField(choices=Wallboard.Theme.choices, label="Theme")
    shows_callers = forms.BooleanField(required=False)
    metrics = forms.MultipleChoiceField(
        choices=[(key, metric.name) for key, metric in METRICS.items()],
        label="Metrics",
        error_messages={"required": "Choose at least one."},
    )
    queues = forms.TypedMultipleChoiceField(
        coerce=int, label="Queues", error_messages={"required": "Choose at least one."}
    )

    def __init__(self, posted: QueryDict, seen: list[Queue]) -> None:
        super().__init__(posted)
        self.fields["queues"].choices = [(queue.pk, queue.name) for queue in seen]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        large = cleaned.get("layout") == Layout.LARGE
        queues, metrics = (cleaned.get(name, []) for name in ("queues", "metrics"))
        if large and len(queues) > 1:
            self.add_error("queues", "One queue, large, shows one. Choose one, or queues in rows.")
        if not large and len(queues) > MOST_QUEUES:
            self.add_error("queues", f"Up to {MOST_QUEUES} can be read from 5 m.")
        if not large and len(metrics) > MOST_COLUMNS:
            self.add_error("metrics", f"Up to {MOST_COLUMNS} fit beside each other in rows.")
        return cleaned
