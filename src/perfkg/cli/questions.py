"""Commands that ask: search, compare, suggest, review, ask, sparql."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perfkg.cli.console import JSON, LIBRARY, LIMIT, dump, exit_refused, main, opened
from perfkg.cli.wording import ask_text, draft_text, group_text, hit_text, review_text, suggestion_text
from perfkg.errors import UnknownId

if TYPE_CHECKING:
    from perfkg.compare import Comparison
    from perfkg.library import Library
    from perfkg.records import Declaration

_CONCEPT = re.compile(r"[0-9a-f]{16}")
_INDICATOR = re.compile(r"[0-9a-f]{16}-\d{2,}")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
FORMATS = ("json", "xml", "csv", "tsv", "ttl", "nt", "jsonld", "rdf")


@main.command()
@click.argument("text")
@click.option("--category", help="Only this category, e.g. 质量指标 or 产出.")
@click.option("--organization", help="Only organizations whose name holds this, e.g. 公安局.")
@click.option("--year", type=int, help="Only this fiscal year.")
@click.option(
    "--grouped/--each", default=None, help="Equal texts as one hit (usual), or each by itself (usual in JSON)."
)
@LIMIT
@LIBRARY
@JSON
def search(
    text: str,
    category: str | None,
    organization: str | None,
    year: int | None,
    grouped: bool | None,
    limit: int,
    folder: Path,
    as_json: bool,
) -> None:
    """Find indicators by meaning.

    Example: perfkg search 断网多久修好
    """
    from perfkg.records import as_json as plain
    from perfkg.search import search as find

    with opened(folder) as library:
        together = not as_json if grouped is None else grouped
        answer = find(library, text, category, organization, year, limit, grouped=together)
        own = [notice for notice in answer.notices if notice not in library.notices]
    for number, hit in enumerate(answer.hits, 1):
        click.echo(dump(plain(hit)) if as_json else hit_text(number, hit, answer.doubts(hit)))
    if not answer.hits:
        click.echo("没有找到。可以换个说法，或去掉筛选条件", err=True)
    for notice in own:
        click.echo(f"提示：{notice}", err=True)


@main.command()
@click.argument("text_or_id")
@LIBRARY
@JSON
def compare(text_or_id: str, folder: Path, as_json: bool) -> None:
    """Show comparable targets over projects, for a text, or an indicator's or a concept's id.

    Example: perfkg compare 网络故障处理时间
    """
    from perfkg.records import as_json as plain

    with opened(folder) as library:
        found = _compared(library, text_or_id)
    if as_json:
        click.echo(dump(plain(found)))
        return
    for group in found.groups:
        click.echo(group_text(group))
    for left in found.left_out:
        click.echo(f"未比较：{left.name or left.value or left.id}（{left.reason}）", err=True)
    for notice in found.notices:
        click.echo(f"提示：{notice}", err=True)


def _compared(library: Library, text_or_id: str) -> Comparison:
    from perfkg.compare import compare as contrast

    if library.words.view.place(text_or_id) is not None or _INDICATOR.fullmatch(text_or_id):
        return contrast(library, indicator=text_or_id)
    if _CONCEPT.fullmatch(text_or_id):
        with suppress(UnknownId):
            return contrast(library, concept=text_or_id)
    return contrast(library, text_or_id)


@main.command()
@click.option("--project", required=True, help="The project's name, e.g. 网络运行维护费.")
@click.option("--category", help="The category to fill in, e.g. 质量指标.")
@click.option("--text", help="The words typed so far, also as pinyin or initials, e.g. wlgz.")
@click.option("--filled", multiple=True, help="A category the form has already; those it still lacks are named.")
@click.option("--draft", "whole", is_flag=True, help="Draft the whole form from the project's name and objective.")
@click.option("--objective", help="The project's objective, for --draft.")
@LIMIT
@LIBRARY
@JSON
def suggest(
    project: str,
    category: str | None,
    text: str | None,
    filled: tuple[str, ...],
    whole: bool,
    objective: str | None,
    limit: int,
    folder: Path,
    as_json: bool,
) -> None:
    """Suggest wordings and values that past projects used.

    Example: perfkg suggest --project 网络运行维护费 --category 质量指标

    Example: perfkg suggest --project 网络运行维护费 --draft --limit 2
    """
    from perfkg.records import as_json as plain
    from perfkg.suggest import draft
    from perfkg.suggest import suggest as propose

    if whole and (category or text or filled):
        raise click.UsageError("--draft 拟整张表，不与 --category、--text、--filled 同用")
    with opened(folder) as library:
        if whole:
            made = draft(library, project, objective, limit)
            click.echo(dump(plain(made)) if as_json else draft_text(made))
            return
        found = propose(library, project, category, text, limit, filled)
        own = [notice for notice in found.notices if notice not in library.notices]
    for one in found.suggestions:
        click.echo(dump(plain(one)) if as_json else suggestion_text(one))
    for notice in own:
        click.echo(f"提示：{notice}", err=True)
    for lacking in found.missing:
        said = f"还没有填：{lacking.category}（{lacking.projects} 个同类项目中 {lacking.share:.0%} 填了）"
        click.echo(said, err=True)


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Write the opinion to FILE.docx, .xlsx or .html.")
@LIBRARY
@JSON
def review(path: Path, output: Path | None, folder: Path, as_json: bool) -> None:
    """Review the forms in a file or folder against their own sums and against the library.

    Instead of a file, the id of a recorded declaration can be given.

    Example: perfkg review 光纤租赁费.docx --output 审核意见表.docx
    """
    from perfkg.records import as_json as plain
    from perfkg.report import check_review_suffix, write_reviews
    from perfkg.review import review as judge

    if output:
        check_review_suffix(output)
    with opened(folder) as library:
        declarations, refused = _forms(path, library)
        reports = [judge(declaration, library) for declaration in declarations]
    if output and reports:
        write_reviews(reports, output)
        click.echo(f"已写入 {output}：{len(reports)}份审核意见表", err=True)
    for report in reports:
        if as_json:
            click.echo(dump(plain(report)))
        elif not output:
            click.echo(review_text(report))
    exit_refused(refused)


def _forms(path: Path, library: Library) -> tuple[list[Declaration], bool]:
    """The declarations of a file, a folder or an id, and whether a file was refused (said on standard error)."""
    from perfkg.reading import read_all

    if not path.exists():
        with suppress(UnknownId):
            return [library.ledger.get(str(path))], False
    found: list[Declaration] = []
    refused = False
    for outcome in read_all([path]):
        found += outcome.declarations
        if outcome.refusal:
            refused = True
            click.echo(f"未读：{outcome.refusal}", err=True)
    return found, refused


@main.command()
@click.argument("question")
@LIBRARY
@JSON
def ask(question: str, folder: Path, as_json: bool) -> None:
    """Answer a question in Chinese, with the rows and the query behind the answer.

    Example: perfkg ask 2021年资金最多的项目是哪个
    """
    from perfkg.ask import ask as put
    from perfkg.records import as_json as plain

    with opened(folder) as library:
        answer = put(library, question)
    click.echo(dump(plain(answer)) if as_json else ask_text(answer))


@main.command()
@click.argument("query")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: csv for rows, ttl for a graph.")
@click.option("--with", "given", multiple=True, metavar="NAME=VALUE", help="A parameter of a named query.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=60, show_default=True, help="Seconds.")
@LIBRARY
def sparql(query: str, form: str | None, given: tuple[str, ...], timeout: float, folder: Path) -> None:
    """Answer a SPARQL query: its text, a file ending in .rq, or the name of one that is kept.

    Example: perfkg sparql 'SELECT (COUNT(*) AS ?n) WHERE { ?i a perfkg:Indicator }'

    Example: perfkg sparql drift --with word=满意度
    """
    from perfkg import sparql as door
    from perfkg.concepts.projection import keep
    from perfkg.search.matching import finder

    text = _query_text(query, given)
    with opened(folder) as library:
        keep(library)
        result = door.query(
            library.graph_folder,
            text,
            timeout=timeout,
            format=form or ("csv", "ttl"),
            find=finder(library),
            base=library.base,
        )
    sys.stdout.buffer.write(result.body)


def _query_text(query: str, given: tuple[str, ...]) -> str:
    from perfkg.errors import InvalidFile
    from perfkg.sparql import named_query

    if _NAME.fullmatch(query):
        return named_query(query).bound(dict(_pair(one) for one in given))
    if given:
        raise click.UsageError("--with 只用于有名字的查询，例如 perfkg sparql drift --with word=满意度")
    if not query.endswith(".rq"):
        return query
    try:
        return Path(query).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidFile("查询文件读不出来", query, "请检查路径；文件应为 UTF-8 文本") from error


def _pair(given: str) -> tuple[str, str]:
    name, sign, value = given.partition("=")
    if not sign:
        raise click.UsageError(f"参数应写成 名字=值：{given}")
    return name, value
