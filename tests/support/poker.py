"""Another process of Earshot, as the worker is: pokes for each conference id that it reads from its input."""

import sys

import django

django.setup()

from dashboard.pokes import poke  # noqa: E402

for line in sys.stdin:
    poke([("conference", line.strip())])
    print(line.strip(), flush=True)  # noqa: T201
