"""The console script `perfkg`. Each command reads its arguments, calls the library and prints; nothing is decided here.

Exit 0: done. Exit 1: something in the input was refused, said on standard error, the rest done. Exit 2: wrong use.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from perfkg import __version__
from perfkg.errors import PerfkgError

if TYPE_CHECKING:
    from perfkg.library import ImportReport, Library, Progress
    from perfkg.records import Declaration, Hit

Command = TypeVar("Command", bound=Callable[..., Any])

_LIBRARY = click.option(
    "--library",
    "folder",
    type=click.Path(path_type=Path),
    envvar="PERFKG_LIBRARY",
    default=Path("perfkg-library"),
    show_default=True,
    help="The library folder.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON alone on standard output (JSON Lines where many).")
_LIMIT = click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many at most.")


class _Commands(click.Group):
    """Says an error of the family in one sentence and exits 1, whatever the command."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except PerfkgError as error:
            click.echo(f"错误：{error}", err=True)
            context.exit(1)
        except BrokenPipeError:
            # The reader of our output (head, less) has gone; Python would complain again at exit.
            sys.stdout = None  # type: ignore[assignment]
            context.exit(0)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="perfkg")
def main() -> None:
    """Budget performance declarations (预算项目支出绩效目标申报表) as a knowledge graph, found by meaning, offline."""


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@_JSON
def read(paths: tuple[Path, ...], as_json: bool) -> None:
    """Show the declarations in files or folders without recording them.

    Example: perfkg read 光纤租赁费.txt --json
    """
    from perfkg.reading import read_all
    from perfkg.records import as_json as plain

    refused = False
    for outcome in read_all(paths):
        for declaration in outcome.declarations:
            click.echo(_dump(plain(declaration)) if as_json else _declaration_text(declaration))
        if outcome.refusal:
            refused = True
            click.echo(f"未读：{outcome.refusal}", err=True)
    _exit(refused)


@main.command()
@click.argument("value")
@click.option("--name", help="The indicator's name, which gives the value its context.")
@click.option("--year", type=int, help="The fiscal year that relative dates refer to.")
@_JSON
def target(value: str, name: str | None, year: int | None, as_json: bool) -> None:
    """Show what a target value (指标值) is understood to say.

    Example: perfkg target '流畅，会议丢包率5%以下延时30ms以下' --name 网络质量
    """
    from perfkg import targets
    from perfkg.records import as_json as plain

    found = targets.read(value, name, year)
    for one in found:
        click.echo(_dump(plain(one)))
    if not found and not as_json:
        click.echo("没有读出可比较的内容", err=True)


@main.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@_LIBRARY
@_JSON
def import_(paths: tuple[Path, ...], folder: Path, as_json: bool) -> None:
    """Record the declarations in files or folders; importing the same twice changes nothing.

    Example: perfkg import 2021年申报表/
    """
    with _library(folder) as library:
        report = library.import_paths(paths, progress=_progress())
        click.echo(_dump(_report_json(report)) if as_json else _report_text(report))
    for name, refusal in report.refused:
        click.echo(f"未导入 {name}：{refusal}", err=True)
    _exit(bool(report.refused))


@main.command()
@click.argument("id")
@_LIBRARY
@_JSON
def withdraw(id: str, folder: Path, as_json: bool) -> None:
    """Take a declaration out again; its history stays in the ledger."""
    with _library(folder) as library:
        number = library.withdraw(id)
    click.echo(_dump({"withdrawn": id, "change": number}) if as_json else f"已撤回 {id}（变更 {number}）")


@main.command()
@click.argument("text")
@click.option("--category", help="Only this category, e.g. 质量指标 or 产出.")
@click.option("--organization", help="Only organizations whose name holds this, e.g. 公安局.")
@click.option("--year", type=int, help="Only this fiscal year.")
@_LIMIT
@_LIBRARY
@_JSON
def search(
    text: str,
    category: str | None,
    organization: str | None,
    year: int | None,
    limit: int,
    folder: Path,
    as_json: bool,
) -> None:
    """Find indicators by meaning.

    Example: perfkg search 断网多久修好
    """
    from perfkg.records import as_json as plain
    from perfkg.search import search as find

    with _library(folder) as library:
        answer = find(library, text, category, organization, year, limit)
    for number, hit in enumerate(answer.hits, 1):
        click.echo(_dump(plain(hit)) if as_json else _hit_text(number, hit))
    if not answer.hits:
        click.echo("没有找到。可以换个说法，或去掉筛选条件", err=True)


@main.command()
@click.argument("text_or_id")
@_LIBRARY
@_JSON
def compare(text_or_id: str, folder: Path, as_json: bool) -> None:
    """Show comparable targets over projects, for a text or an indicator's id.

    Example: perfkg compare 网络故障处理时间
    """
    from perfkg.compare import compare as contrast
    from perfkg.records import as_json as plain

    with _library(folder) as library:
        known = library.words.get(text_or_id) is not None
        found = contrast(library, indicator=text_or_id) if known else contrast(library, text_or_id)
    if as_json:
        click.echo(_dump(plain(found)))
        return
    for group in found.groups:
        click.echo(f"单位 {group.unit}，{len(group.rows)} 条")
        for row in group.rows:
            click.echo(f"  {row.text}\t{row.name or '（无名称）'}\t{_origin(row)}")
    for left in found.left_out:
        click.echo(f"未比较：{left.name or left.value or left.id}（{left.reason}）", err=True)


@main.command()
@click.option("--project", required=True, help="The project's name, e.g. 网络运行维护费.")
@click.option("--category", help="The category to fill in, e.g. 质量指标.")
@click.option("--text", help="The words typed so far.")
@_LIMIT
@_LIBRARY
@_JSON
def suggest(project: str, category: str | None, text: str | None, limit: int, folder: Path, as_json: bool) -> None:
    """Suggest wordings and values that past projects used.

    Example: perfkg suggest --project 网络运行维护费 --category 质量指标
    """
    from perfkg.records import as_json as plain
    from perfkg.suggest import suggest as propose

    with _library(folder) as library:
        found = propose(library, project, category, text, limit)
    for one in found.suggestions:
        spread = " / ".join(one.spread[:3])
        source = _origin(one.evidence[0])
        click.echo(_dump(plain(one)) if as_json else f"{one.name}\t{spread}\t{one.support} 个项目\t{source}")


@main.command()
@click.argument("query")
@click.option("--format", "form", default="csv", show_default=True, help="json, xml, csv, tsv, ttl, nt or jsonld.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=60, show_default=True, help="Seconds.")
@_LIBRARY
def sparql(query: str, form: str, timeout: float, folder: Path) -> None:
    """Answer a SPARQL query, given as text or as a file ending in .rq.

    Example: perfkg sparql 'SELECT (COUNT(*) AS ?n) WHERE { ?i a perfkg:Indicator }'
    """
    from perfkg import sparql as door

    with _library(folder) as library:
        result = door.query(library.graph.path, _query_text(query), timeout=timeout, format=form)
    click.get_binary_stream("stdout").write(result.body)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_LIBRARY
def export(file: Path, folder: Path) -> None:
    """Write the whole graph to FILE: .ttl .nt .nq .trig or .jsonld.

    Example: perfkg export 全县绩效指标.ttl
    """
    with _library(folder) as library:
        library.graph.export(file)
    click.echo(f"已写出 {file}", err=True)


@main.command()
@_LIBRARY
@_JSON
def info(folder: Path, as_json: bool) -> None:
    """Show what is in the library and the state of its projections."""
    with _library(folder) as library:
        facts = library.info()
    if as_json:
        click.echo(_dump(facts))
        return
    click.echo(f"资料库 {facts['folder']}")
    click.echo(f"申报表 {facts['declarations']} 份，指标 {facts['indicators']} 条，单位 {facts['organizations']} 个")
    for name, state in facts["projections"].items():
        click.echo(f"  {name}：{_dump(state)}")


@main.command()
@_LIBRARY
def rebuild(folder: Path) -> None:
    """Drop the graph and both indexes and make them anew from the ledger."""
    with _library(folder) as library:
        library.rebuild(_progress())
        click.echo(f"已重建到变更 {library.words.change}", err=True)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@_LIBRARY
def serve(host: str, port: int, folder: Path) -> None:
    """Serve the pages, the API and SPARQL."""
    from api.app import serve as start

    start(folder, host, port)


@contextmanager
def _library(folder: Path) -> Iterator[Library]:
    from perfkg.library import Library

    with Library(folder) as library:
        library.catch_up(_progress())
        try:
            yield library
        finally:
            for notice in library.notices:
                click.echo(f"提示：{notice}", err=True)


def _progress() -> Progress | None:
    """A line on standard error that is rewritten as work goes on; none where nobody looks."""
    if not sys.stderr.isatty():
        return None

    def show(stage: str, done: int, total: int | None) -> None:
        if total is None:
            click.echo(f"\r{stage} {done}", nl=False, err=True)
            return
        filled = round(30 * done / max(total, 1))
        bar = "█" * filled + "░" * (30 - filled)
        click.echo(f"\r{stage} {bar} {done}/{total}", nl=done >= total, err=True)

    return show


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _exit(refused: bool) -> None:
    if refused:
        click.get_current_context().exit(1)


def _query_text(query: str) -> str:
    from perfkg.errors import InvalidFile

    if not query.endswith(".rq"):
        return query
    try:
        return Path(query).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidFile("查询文件读不出来", query, "请检查路径；文件应为 UTF-8 文本") from error


def _origin(row: Any) -> str:
    return " · ".join(str(part) for part in (row.organization, row.project, row.year) if part)


def _hit_text(number: int, hit: Hit) -> str:
    reasons = hit.reasons
    meaning = "" if reasons.meaning is None else f"意思 {reasons.meaning:.2f}，"
    category = " / ".join(part for part in (hit.category.level1, hit.category.level2) if part)
    return (
        f"{number:>2}. {hit.name or '（无名称）'}：{hit.value or '（无指标值）'}\n"
        f"    {_origin(hit)} · {category}\n"
        f"    {hit.score:.2f}（{meaning}字词 {reasons.words:.2f}：{'、'.join(reasons.matched) or '无'}） 编号 {hit.id}"
    )


def _declaration_text(declaration: Declaration) -> str:
    funding = declaration.funding.total
    lines = [
        f"{declaration.title or '（无标题）'}  {declaration.year or ''}",
        f"项目  {declaration.project or '（无）'}",
        f"单位  {declaration.organization or '（无）'}",
        f"资金  {'（无）' if funding is None else f'{funding:,.2f} 元'}",
        f"目标  {declaration.objective or '（无）'}",
    ]
    for row in declaration.indicators:
        category = " / ".join(part for part in (row.category.level1, row.category.level2) if part)
        lines.append(f"  {category}\t{row.name or '（空）'}\t{row.value or '（空）'}{'  ？存疑' if row.unsure else ''}")
        lines += [f"      修正：{repair.reason}" for repair in row.repairs]
    lines += [f"  修正：{repair.reason}" for repair in declaration.repairs]
    lines += [f"  说明：{note}" for note in declaration.notes]
    lines += [f"  未用：{left.text}（{left.place}）" for left in declaration.leftovers]
    return "\n".join(lines) + "\n"


def _report_json(report: ImportReport) -> dict[str, Any]:
    return {
        "declarations": report.declarations,
        "indicators": report.indicators,
        "recorded": list(report.receipt.recorded),
        "revised": list(report.receipt.revised),
        "unchanged": list(report.receipt.unchanged),
        "repairs": report.repaired,
        "unsure": report.unsure,
        "leftovers": report.leftovers,
        "refused": [{"file": name, "reason": str(refusal)} for name, refusal in report.refused],
        "change": report.receipt.change,
    }


def _report_text(report: ImportReport) -> str:
    receipt = report.receipt
    return (
        f"读到申报表 {report.declarations} 份，指标 {report.indicators} 条："
        f"新增 {len(receipt.recorded)} 份，更新 {len(receipt.revised)} 份，未变 {len(receipt.unchanged)} 份\n"
        f"修正 {report.repaired} 处，存疑 {report.unsure} 条，未用文字 {report.leftovers} 处，"
        f"未读文件 {len(report.refused)} 个"
    )
