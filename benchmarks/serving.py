"""A real server in a process of its own, and clients that ask it, for measuring answers over HTTP.

python benchmarks/serving.py FOLDER [--stand-in] [--without-graph]      serves on a free port, which it prints
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from stand_ins import opened

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Server:
    """Where it listens, and its process."""

    port: int
    pid: int

    def processor(self) -> float:
        """Seconds of processor time it has used, over all threads; not a number where the system does not say."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Gigabytes it has had at most."""
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        except OSError:
            return float("nan")
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**20

    def client(self) -> Callable[[Parameters], float]:
        """Asks one search after another over one connection; gives the seconds until all of the answer is there."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)

        def ask(parameters: Parameters) -> float:
            began = time.perf_counter()
            connection.request("GET", f"/api/search?{urlencode(parameters)}")
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body
            return time.perf_counter() - began

        return ask

    def clients(self, count: int, asked: Sequence[Parameters]) -> float:
        """Answers a second when `count` clients ask all of `asked`, each what comes next."""
        shares = [asked[start::count] for start in range(count)]
        clients = [self.client() for _ in range(count)]
        began = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(lambda pair: [pair[0](one) for one in pair[1]], zip(clients, shares, strict=True)))
        return len(asked) / (time.perf_counter() - began)


@contextmanager
def serving(folder: Path, options: Sequence[str]) -> Iterator[Server]:
    """A server over the library in `folder`; ready, that is with its encoder loaded."""
    command = [sys.executable, __file__, str(folder), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Server(int(process.stdout.readline()), process.pid)
        finally:
            process.terminate()


def main() -> None:
    """Serves until ended."""
    import uvicorn

    from api.app import create

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stand-in", action="store_true")
    parser.add_argument("--without-graph", action="store_true")
    chosen = parser.parse_args()
    app = create(opened(chosen.folder, chosen.stand_in, chosen.without_graph))
    if chosen.without_graph:
        # Nor the catalogue of concepts, which is gathered for minutes behind the answers of a new server.
        app.state.keeper._gather = lambda: None
    config = uvicorn.Config(app, host="127.0.0.1", port=0, http="h11", log_level="warning")
    server = uvicorn.Server(config)

    import threading

    def say() -> None:
        while not (server.started and app.state.keeper.warm.is_set()):
            time.sleep(0.05)
        print(server.servers[0].sockets[0].getsockname()[1], flush=True)

    threading.Thread(target=say, daemon=True).start()
    server.run()


if __name__ == "__main__":
    main()
