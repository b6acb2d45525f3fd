"""Commands that take files in and out: read, target, import, withdraw, restore, undo."""

from __future__ import annotations

from pathlib import Path

import click

from perfkg.cli.checking import after_import
from perfkg.cli.console import JSON, LIBRARY, dump, exit_refused, main, opened, progress_line
from perfkg.cli.wording import declaration_text, report_text, target_text


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@JSON
def read(paths: tuple[Path, ...], as_json: bool) -> None:
    """Show the declarations in files or folders without recording them.

    Example: perfkg read 光纤租赁费.txt --json
    """
    from perfkg.reading import read_all
    from perfkg.records import as_json as plain

    refused = False
    for outcome in read_all(paths):
        for declaration in outcome.declarations:
            click.echo(dump(plain(declaration)) if as_json else declaration_text(declaration))
        if outcome.refusal:
            refused = True
            click.echo(f"未读：{outcome.refusal}", err=True)
    exit_refused(refused)


@main.command()
@click.argument("value")
@click.option("--name", help="The indicator's name, which gives the value its context.")
@click.option("--year", type=int, help="The fiscal year that relative dates refer to.")
@JSON
def target(value: str, name: str | None, year: int | None, as_json: bool) -> None:
    """Show what a target value (指标值) is understood to say.

    Example: perfkg target '流畅，会议丢包率5%以下延时30ms以下' --name 网络质量
    """
    from perfkg import targets
    from perfkg.records import as_json as plain

    found = targets.read(value, name, year)
    for one in found:
        click.echo(dump(plain(one)) if as_json else target_text(one))
    if not found and not as_json:
        click.echo("没有读出可比较的内容", err=True)


@main.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@LIBRARY
@JSON
def import_(paths: tuple[Path, ...], folder: Path, as_json: bool) -> None:
    """Record the declarations in files or folders; importing the same twice changes nothing.

    Example: perfkg import 2021年申报表/
    """
    with opened(folder) as library:
        report = library.import_paths(paths, progress=progress_line())
        click.echo(dump(report.as_json()) if as_json else report_text(report))
        for line in after_import(library, [*report.receipt.recorded, *report.receipt.revised]):
            click.echo(f"请核对 {line}", err=True)
    for name, refusal in report.refused:
        click.echo(f"未导入 {name}：{refusal.what}。{refusal.advice or ''}", err=True)
    exit_refused(bool(report.refused))


@main.command()
@click.argument("id")
@LIBRARY
@JSON
def withdraw(id: str, folder: Path, as_json: bool) -> None:
    """Take a declaration out again; its history stays in the ledger."""
    with opened(folder) as library:
        number = library.withdraw(id)
    click.echo(dump({"withdrawn": id, "change": number}) if as_json else f"已撤回 {id}（变更 {number}）")


@main.command()
@click.argument("id")
@click.option("--version", type=click.IntRange(1), help="This version; without it, the last.")
@LIBRARY
@JSON
def restore(id: str, version: int | None, folder: Path, as_json: bool) -> None:
    """Put a withdrawn declaration back, or an earlier version of one in place of a later."""
    with opened(folder) as library:
        before = library.ledger.last_change()
        number = library.restore(id, version)
    said = f"已恢复 {id}（变更 {number}）" if number > before else f"{id} 本来就是这样，没有变更"
    click.echo(dump({"restored": id, "change": number}) if as_json else said)


@main.command()
@click.argument("number", type=int)
@LIBRARY
@JSON
def undo(number: int, folder: Path, as_json: bool) -> None:
    """Take import NUMBER back as a whole: what it recorded is withdrawn, what it revised is as before.

    The number is shown by perfkg import and on the pages. What was changed since is left, and said.
    """
    from perfkg.records import as_json as plain

    with opened(folder) as library:
        done = library.undo_import(number)
    click.echo(dump(plain(done)) if as_json else f"已撤销第 {number} 次导入：{len(done.changed)} 份")
    for id in done.left:
        click.echo(f"后来又有变更，没有动：{id}", err=True)
