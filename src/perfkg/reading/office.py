"""Old and foreign formats (.doc, .wps, .rtf, .ods …) saved as .docx or .xlsx by LibreOffice, where it is installed.

LibreOffice works in a folder and with a profile of its own, both thrown away; macros, links and updates are off.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from perfkg.errors import InvalidFile
from perfkg.reading import limits
from perfkg.reading.package import damaged

_OFFICE_MEMORY_BYTES = 2_000_000_000
_SETTINGS = {
    "/org.openoffice.Office.Common/Security/Scripting": {
        "DisableMacrosExecution": "true",
        "DisableActiveContent": "true",
        "BlockUntrustedRefererLinks": "true",
        "MacroSecurityLevel": "3",
    },
    "/org.openoffice.Office.Writer/Content/Update": {"Link": "0"},
    "/org.openoffice.Office.Calc/Content/Update": {"Link": "2"},
}


def converted(data: bytes, suffix: str) -> bytes:
    """`data` saved as `docx` or `xlsx`; InvalidFile where LibreOffice is missing, fails or takes too long."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise InvalidFile(
            "读取这种格式需要 LibreOffice，本机没有安装", advice="请另存为 .docx 或 .xlsx 后再导入，或安装 LibreOffice"
        )
    limits.step(limits.CONVERSION_SECONDS + limits.STEP_SECONDS)
    with _leaving_nothing(), tempfile.TemporaryDirectory(prefix="perfkg-") as name:
        folder = Path(name)
        _write_profile(folder / "profile")
        (folder / "given").write_bytes(data)
        _run(program, folder, suffix)
        result = folder / "out" / f"given.{suffix}"
        if not result.is_file():
            raise damaged()
        content = result.read_bytes()
    limits.step()
    return content


def _run(program: str, folder: Path, suffix: str) -> None:
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
    ]
    command += ["--convert-to", suffix, "--outdir", str(folder / "out"), str(folder / "given")]
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=_more_memory, process_group=0,
    )  # fmt: skip
    try:
        process.wait(limits.CONVERSION_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise InvalidFile("LibreOffice 转换超时", advice="请另存为 .docx 或 .xlsx 后再导入") from error
    finally:
        # The program is a launcher: what it started converts, and would go on without it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _leaving_nothing() -> Iterator[None]:
    """Within, a process asked to end (SIGTERM) ends the conversion and throws its copy of the file away first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _more_memory() -> None:
    """LibreOffice needs more than the reading of a file is given; runs in its process before it starts."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(
        resource.RLIMIT_DATA, (_OFFICE_MEMORY_BYTES if hard < 0 else min(hard, _OFFICE_MEMORY_BYTES), hard)
    )


def _write_profile(folder: Path) -> None:
    (folder / "user").mkdir(parents=True)
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, settings in _SETTINGS.items()
        for name, value in settings.items()
    )
    (folder / "user" / "registrymodifications.xcu").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>',
        encoding="utf-8",
    )
