"""How soon is a new library of use? Import, search and start of the server, over one file or folder of forms.

    python benchmarks/first_use.py ../shared/seed/yanbian_2021.txt

Wall-clock seconds of whole processes, from nothing, and the peak memory of each process.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

QUESTIONS = ("断网多久修好", "哪些项目有网络维护类指标", "群众满意度", "成本控制", "完成时间", "设备采购费用")


def main() -> None:
    """Prints one line a measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    path = parser.parse_args().path
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PERFKG_LIBRARY": folder}
        seconds = _timed(["import", str(path)], environment)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"import, until searchable   {seconds:8.1f} s   peak {memory:.0f} MB")
        print(f"import again               {_timed(['import', str(path)], environment):8.1f} s")
        print(f"search, a new process      {_timed(['search', QUESTIONS[0]], environment):8.1f} s")
        _serve(environment)


def _timed(arguments: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "perfkg.cli", *arguments]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def _serve(environment: dict[str, str]) -> None:
    start = time.perf_counter()
    command = [sys.executable, "-m", "perfkg.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr
            line = next(line for line in server.stderr if "http://" in line)
            address = "http://" + line.split("http://")[1].split()[0].rstrip("。")
            _ask(address, "/health")
            print(f"serve, until it answers    {time.perf_counter() - start:8.1f} s")
            _ask(address, _search(QUESTIONS[0]))
            times = sorted(_ask(address, _search(question)) for question in QUESTIONS * 20)
            print(f"search over HTTP, median   {statistics.median(times) * 1000:8.1f} ms")
            print(f"search over HTTP, 95th     {times[int(len(times) * 0.95)] * 1000:8.1f} ms")
        finally:
            server.terminate()


def _search(question: str) -> str:
    return "/api/search?q=" + urllib.parse.quote(question)


def _ask(address: str, path: str) -> float:
    start = time.perf_counter()
    with urllib.request.urlopen(address + path, timeout=60) as answer:
        answer.read()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
