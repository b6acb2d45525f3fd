"""Whether declarations in the graph are what its shapes (SHACL) say: the command validate, and a look after an import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfkg.cli.console import JSON, LIBRARY, dump, exit_refused, main, opened

if TYPE_CHECKING:
    from perfkg.library import Library

_AT_ONCE = 100
"""Declarations that an import checks by itself: about a second. A larger one says how to check."""


@main.command()
@click.argument("ids", nargs=-1)
@LIBRARY
@JSON
def validate(ids: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Check declarations (all, or those with IDS) against the shapes of the graph, a line for each violation.

    Exit 1 where there is any. What is only left blank on a form is a warning: told, but no violation.

    Example: perfkg validate
    """
    violated = False
    with opened(folder) as library:
        for found in violations(library, ids or [entry.id for entry in library.ledger.entries()]):
            violated = violated or found["severity"] == "violation"
            click.echo(dump(found) if as_json else _line(found))
    if not violated:
        click.echo("没有违反图谱规则的申报表", err=True)
    exit_refused(violated)


def after_import(library: Library, ids: Sequence[str]) -> list[str]:
    """A line for each newly recorded declaration that a person should look at: its file, and what is missing or unsure.

    On many declarations: how to check them.
    """
    if len(ids) > _AT_ONCE:
        return [f"本次新增或更新 {len(ids)} 份，没有逐份核对；请运行 perfkg validate"]
    found: dict[str, list[str]] = {id: [] for id in ids}
    for one in violations(library, ids):
        if one["severity"] == "violation":
            found[one["declaration"]].append(one["message"])
    lines = []
    for id, messages in found.items():
        declaration = library.ledger.get(id)
        unsure = sum(row.unsure for row in declaration.indicators)
        messages += [f"{unsure} 条指标存疑"] if unsure else []
        if messages:
            about = declaration.project or declaration.title or "无项目名称"
            lines.append(f"{declaration.source.file}（{about}）：{'；'.join(dict.fromkeys(messages))}")
    return lines


def violations(library: Library, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each shape not met, declaration by declaration, worst first. Raises UnknownId."""
    from perfkg.graph.validation import validate as check

    for id in ids:
        declaration = library.ledger.get(id)
        for one in check(declaration, library.base):
            yield {
                "declaration": id,
                "project": declaration.project,
                "organization": declaration.organization,
                "severity": one.severity,
                "shape": one.shape,
                "node": one.node,
                "message": one.message,
            }


def _line(found: dict[str, Any]) -> str:
    severity = "违反" if found["severity"] == "violation" else "提醒"
    about = " · ".join(part for part in (found["organization"], found["project"]) if part) or "（无项目名称）"
    node = "/".join(found["node"].rsplit("/", 2)[-2:])
    return f"{severity}\t{found['message']}\t{about}\t{node}"
