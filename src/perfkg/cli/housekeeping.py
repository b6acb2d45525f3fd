"""Commands that look after a library: export, info, backup, token, rebuild, serve, mcp."""

from __future__ import annotations

from pathlib import Path

import click

from perfkg.cli.console import JSON, LIBRARY, dump, main, opened, progress_line
from perfkg.cli.wording import info_text


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@LIBRARY
def export(file: Path, folder: Path) -> None:
    """Write everything to FILE: the graph (.ttl .nt .nq .trig .jsonld), the network of projects (.graphml .gexf), or
    all indicators as a table (.csv .xlsx).

    Example: perfkg export 全县绩效指标.xlsx
    """
    from perfkg.concepts.projection import keep
    from perfkg.errors import InvalidQuestion
    from perfkg.graph.exports import FORMATS
    from perfkg.ledger import Choice
    from perfkg.network.files import FORMATS as NETWORKS
    from perfkg.network.files import export as export_network
    from perfkg.report import TABLE_SUFFIXES
    from perfkg.report.flat import write_indicators

    suffix, known = file.suffix.lower(), (*FORMATS, *NETWORKS, *TABLE_SUFFIXES)
    if suffix not in known:
        raise InvalidQuestion(f"不认得导出格式 {suffix or file.name}", None, f"文件名请以 {'、'.join(known)} 之一结尾")
    with opened(folder) as library:
        if suffix in TABLE_SUFFIXES:
            write_indicators(library.ledger.declarations(Choice()), file)
        elif suffix in NETWORKS:
            export_network(library, file)
        else:
            keep(library)
            library.graph.export(file)
    click.echo(f"已写出 {file}", err=True)


@main.command()
@click.option("--recall", is_flag=True, help="Also measure the vector index against exact search.")
@LIBRARY
@JSON
def info(recall: bool, folder: Path, as_json: bool) -> None:
    """Show what is in the library and the state of its projections."""
    from perfkg.search import recall as measured

    with opened(folder) as library:
        facts = library.info()
        if recall:
            facts["recall"] = measured(library)
    click.echo(dump(facts) if as_json else info_text(facts))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@LIBRARY
def backup(file: Path, folder: Path) -> None:
    """Write a consistent copy of the ledger to the new FILE, also while the library is served.

    To use it, put it as ledger.db into an empty folder and open that folder with --library.

    Example: perfkg backup 台账备份.db
    """
    from perfkg.errors import InvalidQuestion

    if file.exists():
        raise InvalidQuestion("已有这个文件，没有覆盖", str(file), "请换一个文件名")
    with opened(folder) as library:
        library.ledger.copy(file)
    click.echo(f"已备份到 {file}", err=True)


@main.command()
@LIBRARY
def token(folder: Path) -> None:
    """Make a new token for writing over HTTP and show it; the old one is void at once, also where the server runs."""
    from api.access import renew

    click.echo(renew(folder))
    click.echo("旧口令已失效；新口令只显示这一次，请保存", err=True)


@main.command()
@LIBRARY
def rebuild(folder: Path) -> None:
    """Drop the graph and both indexes and make them anew from the ledger."""
    from perfkg.concepts.projection import keep

    with opened(folder) as library:
        library.rebuild(progress_line())
        keep(library)
        click.echo(f"已重建到变更 {library.words.change}", err=True)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@LIBRARY
def serve(host: str, port: int, folder: Path) -> None:
    """Serve the pages, the API and SPARQL."""
    from api.app import serve as start

    start(folder, host, port)


@main.command()
@LIBRARY
def mcp(folder: Path) -> None:
    """Answer an agent over stdin and stdout: read-only tools of the Model Context Protocol (extra: perfkg[mcp]).

    It may run beside perfkg serve.

    Example: perfkg mcp --library 资料库
    """
    from perfkg.mcp import serve as start

    start(folder)
