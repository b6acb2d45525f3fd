"""Shared fixtures: small declarations made here, the real files where they are present."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from perfkg import schemes
from perfkg.encoder import Settings
from perfkg.library import Library
from perfkg.records import Category, Declaration, Funding, Indicator, Place, Source

pytest_plugins = ["browsing"]

# A process more for every server that is tested would be waited for; tests of the copy in memory say otherwise.
os.environ["PERFKG_GRAPH_COPY"] = "0"

EXAMPLES = Path(__file__).parents[1] / "examples"
SHARED = Path(__file__).parents[2] / "shared"
WORDS_ALONE = Settings("none")

Row = tuple[str, str, str | None, str | None]
Maker = Callable[..., Declaration]


def make_declaration(
    project: str = "网络运行维护费",
    organization: str = "云岭县大数据中心",
    year: int = 2021,
    rows: tuple[Row, ...] = (("项目完成", "质量指标", "网络故障处理时间", "24小时"),),
    total: float = 100000.0,
    file: str = "a.txt",
) -> Declaration:
    """A declaration of an invented county; rows are (level 1, level 2, name, value)."""
    id = hashlib.sha256(f"{organization}|{project}|{year}".encode()).hexdigest()[:16]
    indicators = tuple(
        Indicator(
            f"{id}-{number:02d}",
            Category(first, second, schemes.concept(first, second)),
            name,
            value,
            place=Place(line=number),
        )
        for number, (first, second, name, value) in enumerate(rows, 1)
    )
    source = Source(file, hashlib.sha256(file.encode()).hexdigest())
    funding = Funding(total, total, None)
    who = (organization, project)
    return Declaration(id, "declaration", "申报表", year, *who, funding, "保障运行", indicators, source)


@pytest.fixture
def seed() -> Path:
    """The real forms, where they are."""
    file = SHARED / "seed" / "yanbian_2021.txt"
    if not file.exists():
        pytest.skip("the real forms are not beside this checkout")
    return file


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library that searches by words alone."""
    with Library(tmp_path / "library", WORDS_ALONE) as opened:
        yield opened


@pytest.fixture(scope="session")
def examples_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The invented county over three years, searched by words alone: to be read, not changed."""
    with Library(tmp_path_factory.mktemp("county") / "library", WORDS_ALONE) as opened:
        opened.import_paths([EXAMPLES / str(year) for year in (2021, 2022, 2023)])
        yield opened
