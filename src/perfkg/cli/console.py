"""What the commands share: the group that says errors, the common options, the open library."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfkg import __version__
from perfkg.errors import PerfkgError

if TYPE_CHECKING:
    from perfkg.encoding import Progress
    from perfkg.library import Library

LIBRARY = click.option(
    "--library",
    "folder",
    type=click.Path(path_type=Path),
    envvar="PERFKG_LIBRARY",
    default=Path("perfkg-library"),
    show_default=True,
    help="The library folder.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="JSON alone on standard output (JSON Lines where many).")
LIMIT = click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many at most.")


class _Commands(click.Group):
    """Says an error of the family in one sentence and exits 1, whatever the command."""

    def invoke(self, context: click.Context) -> Any:
        """Runs a command; ends with status 1 where it raises an error of the family."""
        if isinstance(sys.stdout, TextIOWrapper):
            # An argument may hold bytes that are no text; to repeat it must not fail.
            sys.stdout.reconfigure(errors="replace")
        try:
            return super().invoke(context)
        except PerfkgError as error:
            click.echo(f"错误：{error}", err=True)
            context.exit(1)
        except BrokenPipeError:
            # The reader of our output (head, less) has gone; Python would complain again at exit.
            sys.stdout = None
            context.exit(0)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="perfkg")
def main() -> None:
    """Budget performance declarations (预算项目支出绩效目标申报表) as a knowledge graph, found by meaning, offline."""
    # Threads of the linear algebra wait for one another where requests have threads of their own: a search takes 2.5
    # times as long, and twice the processor. It is read when numpy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@contextmanager
def opened(folder: Path) -> Iterator[Library]:
    """The library in `folder`, caught up; its notices go to standard error at the end."""
    from perfkg.library import Library

    progress = progress_line()
    with Library(folder, progress=progress) as library:
        library.catch_up(progress)
        try:
            yield library
        finally:
            for notice in library.notices:
                click.echo(f"提示：{notice}", err=True)


def progress_line() -> Progress | None:
    """A line on standard error that is rewritten as work goes on; none where nobody looks."""
    if not sys.stderr.isatty():
        return None

    def show(stage: str, done: int, total: int | None) -> None:
        """A bar where the end is known, else a count."""
        if total is None:
            click.echo(f"\r{stage} {done}", nl=False, err=True)
            return
        filled = round(30 * done / max(total, 1))
        bar = "█" * filled + "░" * (30 - filled)
        click.echo(f"\r{stage} {bar} {done}/{total}", nl=done >= total, err=True)

    return show


def dump(value: Any) -> str:
    """One line of JSON, Chinese readable."""
    return json.dumps(value, ensure_ascii=False)


def exit_refused(refused: bool) -> None:
    """Exit 1 where something in the input was refused."""
    if refused:
        click.get_current_context().exit(1)
