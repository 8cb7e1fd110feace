"""`python -m simulator --port 9001 --webhook-url http://127.0.0.1:8000/webhooks/telnyx`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys

from simulator import app, server
from simulator.state import Settings
from simulator.webhooks import Mischief


def main() -> int:
    options = _options()
    # A shell that starts this in the background makes it deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    simulator = _built(options)

    def ready() -> None:
        # The first line of the output: whoever started this reads the key from it, and knows that it listens.
        print(f"TELNYX_PUBLIC_KEY={simulator.public_key}", flush=True)
        if not options.no_traffic:
            simulator.traffic.start()

    if not server.serve(simulator, options.host, options.port, ready):
        print(f"Port {options.port} on {options.host} is taken: choose another with --port.", file=sys.stderr)
        return 2
    server.finish(simulator.close())
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m simulator", description="A pretend Telnyx with a call centre in it."
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhook-url", required=True, help="where its signed webhooks go")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--seed", type=int, help="the same seed, the same morning and the same key")
    parser.add_argument("--calls-per-minute", type=float, default=8.0)
    parser.add_argument("--no-traffic", action="store_true", help="nobody calls until told so")
    parser.add_argument("--duplicate", type=float, default=0.0, metavar="P", help="events delivered twice")
    parser.add_argument("--drop", type=float, default=0.0, metavar="P", help="events never delivered")
    parser.add_argument("--shuffle", type=float, default=0.0, metavar="SECONDS", help="random delays")
    parser.add_argument("--api-key", help="the only bearer key accepted (default: any)")
    parser.add_argument("--connection-id", default=Settings.connection_id)
    return parser.parse_args()


def _built(options: argparse.Namespace) -> app.Simulator:
    return app.build(
        options.webhook_url,
        mischief=Mischief(options.duplicate, options.drop, options.shuffle),
        seed=options.seed,
        calls_per_minute=options.calls_per_minute,
        api_key=options.api_key,
        connection_id=options.connection_id,
        public_url=f"http://{options.host}:{options.port}",
    )


if __name__ == "__main__":
    sys.exit(main())
