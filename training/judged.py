"""What the encoder learns order from: lists and whole libraries of made-up indicators, with questions and their grades.

`lists/rows.txt` has indicators, one a line; a line of `lists/questions.jsonl` is a question with the grades of the rows
that somebody looked at. `libraries/*.forms.txt` are forms: a line `## organization | project | objective`, then the
indicators. There a row that a question does not name has grade 0. Rows are named by the number of their line, from 1.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Question:
    """What is asked, and the grade (0 useless, 1 related, 2 comparable) of each row by its number in `rows`."""

    text: str
    grades: dict[int, int]


@dataclass(frozen=True)
class Rows:
    """Indicators, of a library with the context of each (its organization and project), and what is asked of them."""

    name: str
    texts: list[str]
    contexts: list[str]
    questions: list[Question]


def lists() -> Rows:
    """The graded lists, without contexts."""
    texts = (FOLDER / "lists" / "rows.txt").read_text("utf-8").splitlines()
    places = {number: number - 1 for number in range(1, len(texts) + 1)}
    return Rows("lists", texts, [], _questions(FOLDER / "lists" / "questions.jsonl", places))


def libraries() -> list[Rows]:
    """The made-up libraries."""
    return [_library(file) for file in sorted((FOLDER / "libraries").glob("*.forms.txt"))]


def digest() -> str:
    """The SHA-256 of all these files."""
    files = sorted(file for folder in ("lists", "libraries") for file in (FOLDER / folder).iterdir())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _library(file: Path) -> Rows:
    texts: list[str] = []
    contexts: list[str] = []
    places: dict[int, int] = {}
    context = ""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if line.startswith("##"):
            organization, project, *_ = (part.strip() for part in line[2:].split("|"))
            context = f"{organization}，{project}"
        elif line.strip():
            places[number] = len(texts)
            texts.append(line.strip())
            contexts.append(context)
    name = file.name.removesuffix(".forms.txt")
    return Rows(name, texts, contexts, _questions(file.with_name(f"{name}.questions.jsonl"), places))


def _questions(file: Path, places: dict[int, int]) -> list[Question]:
    read = map(json.loads, file.read_text("utf-8").splitlines())
    return [Question(one["q"], {places[int(line)]: grade for line, grade in one["grades"].items()}) for one in read]
