"""A pretend Telnyx: its Voice API, its signed webhooks and a call centre's morning, in one process.

Knows nothing of the programs that are tried against it. `python -m simulator --help` tells how to run it,
`simulator.app.build` how to use it without a port.
"""
