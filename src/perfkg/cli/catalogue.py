"""Commands about indicator concepts (指标库): look them up, decide about them."""

from __future__ import annotations

import re
from pathlib import Path

import click

from perfkg.cli.console import JSON, LIBRARY, dump, main, opened

_ACTIONS = ("merge", "split", "rename", "reject", "confirm", "refuse", "undo")


@main.command()
@click.argument("text", default="")
@click.option("--category", help="Only this category, e.g. 质量指标 or 产出.")
@click.option("--doubtful", is_flag=True, help="Only those with proposals to decide on.")
@click.option("--rejected", is_flag=True, help="Only those that were rejected.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=30, show_default=True, help="How many at most.")
@LIBRARY
@JSON
def concepts(
    text: str, category: str | None, doubtful: bool, rejected: bool, limit: int, folder: Path, as_json: bool
) -> None:
    """List indicators that mean the same as one concept each, or show one by its id.

    Example: perfkg concepts 网络故障
    """
    from perfkg.cli.wording import concept_line, concept_text
    from perfkg.concepts.catalogue import catalogue, find
    from perfkg.concepts.telling import brief, whole
    from perfkg.errors import UnknownId

    with opened(folder) as library:
        known = catalogue(library)
        try:
            one = known.get(text)
        except UnknownId:
            if re.fullmatch("[0-9a-f]{16}", text):
                raise
            one = None
        chosen = category, "rejected" if rejected else None, doubtful
        found = [] if one else find(library, text, *chosen)
        near = bool(found) and not known.find(text, *chosen)
    if one is not None:
        told = whole(known, one)
        click.echo(dump(told) if as_json else concept_text(told))
        return
    for each in found[:limit]:
        click.echo(dump(brief(each)) if as_json else concept_line(brief(each)))
    said = (
        "没有找到。可以换个说法，或去掉筛选条件"
        if not found
        else f"共 {len(found)} 个，列出 {min(limit, len(found))} 个"
    )
    by = "按意思和字词归并" if known.encoder else "没有编码器，只按字词归并"
    click.echo(f"没有哪个名称或说法里有这些字，这些是意思最接近的；{said}" if near else f"{said}；{by}", err=True)


@main.command()
@click.argument("action", type=click.Choice(_ACTIONS))
@click.argument("concept")
@click.argument("others", nargs=-1)
@LIBRARY
@JSON
def decide(action: str, concept: str, others: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Decide about a concept: it is recorded, wins over the computation, and can be undone.

    \b
    perfkg decide merge ID OTHER-ID       all of OTHER belongs in ID
    perfkg decide split ID PHRASE-ID…     these wordings are a concept of their own
    perfkg decide rename ID 网络故障处理时间
    perfkg decide reject ID               this is no indicator
    perfkg decide confirm ID OTHER-ID     what was proposed is so; refuse: is not
    perfkg decide undo NUMBER
    """
    from perfkg.concepts import deciding
    from perfkg.concepts.catalogue import catalogue
    from perfkg.concepts.projection import keep
    from perfkg.concepts.telling import decision

    with opened(folder) as library:
        if action == "undo":
            if not concept.isdecimal() or others:
                raise click.UsageError("用法：perfkg decide undo 决定的编号")
            made = deciding.undo(library, int(concept))
        elif action == "split":
            made = deciding.split(library, concept, others)
        elif action == "reject" and not others:
            made = deciding.reject(library, concept)
        elif action != "reject" and len(others) == 1:
            made = getattr(deciding, action)(library, concept, others[0])
        else:
            raise click.UsageError(f"{action} 的参数个数不对，请看 perfkg decide --help")
        told = decision(catalogue(library), made)
        keep(library)
    click.echo(dump(told) if as_json else f"第 {told['number']} 号决定：{told['told']}")
