"""`python -m tests.upstream --port 9101 --name local-model`: the scripted upstream alone, for demonstrations."""

from __future__ import annotations

import argparse
import signal

from tests.upstream.server import Upstream


def main() -> None:
    parser = argparse.ArgumentParser(description="A scripted OpenAI-shaped server; see GET /stats and /received.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--always", default="ok", help="what every call gets, such as status:500")
    args = parser.parse_args()
    stop = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # before the server's thread starts, which inherits the mask
    with Upstream(args.name, args.port) as upstream:
        upstream.always(args.always)
        print(f"{args.name} on {upstream.base_url}", flush=True)
        signal.sigwait(stop)


if __name__ == "__main__":
    main()
