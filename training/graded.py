"""Trains `embeddings/adapter.npz` further, from graded answers: which indicators are comparable, which merely related.

    python -m training.graded                    goes on from the adapter there is (training.adapter) and writes it anew
    python -m training.graded --steps 200 --output try.npz

Pairs teach that a question and its indicator belong together, and push away whatever looks alike. A reviewer wants that
beside the answer, though, and before the rest. So here the order is learned: every step takes some graded lists, and
questions of one made-up library with whatever they have there; of a library, as in the search, an indicator is as close
as its text and CONTEXT of its organization and project. What the network knew is held on to, as in training.adapter.

One list of ten and two libraries are kept out of training and measured. The state that orders the libraries best is
written.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from perfkg.encoder.adapter import Adapter, content
from perfkg.encoder.tokenizer import PASSAGE, QUERY
from perfkg.search.pool import CONTEXT_MEANING
from training import adapter, judged
from training.judged import Question, Rows
from training.network import Network

_OUT = -1e4
_HELD = ("F", "T")
_GAIN = torch.tensor([0.0, 1.0, 4.0])
"""The share of each grade in what a question should be drawn to."""


@dataclass(frozen=True)
class Recipe:
    """How it is trained."""

    steps: int = 600
    lists: int = 16
    questions: int = 16
    looked_at: int = 9
    positives: int = 80
    others: int = 30
    rate: float = 5e-4
    temperature: float = 0.04
    margin: float = 0.3
    hold: float = 10.0
    alike: float = 0.93
    seed: int = 1


def main() -> None:
    """Trains as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=adapter.ROOT / "embeddings" / "adapter.npz")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    chosen = vars(parser.parse_args())
    train(Recipe(**{name: chosen[name] for name in asdict(Recipe())}), chosen["output"])


def train(recipe: Recipe, output: Path) -> None:
    """Writes the best state to `output`, and beside it what it was made from."""
    before = json.loads((adapter.ROOT / "embeddings" / "adapter.json").read_text("utf-8"))
    if "graded" in before:
        raise SystemExit("The adapter has learned from graded answers already: run training.adapter first.")
    random.seed(recipe.seed), torch.manual_seed(recipe.seed)
    lists, every = judged.lists(), judged.libraries()
    held = [one for one in every if one.name in _HELD]
    aside = replace(lists, questions=lists.questions[7::10])
    learned = replace(lists, questions=[one for at, one in enumerate(lists.questions) if at % 10 != 7])
    lesson = Lesson(recipe, learned, [one for one in every if one.name not in _HELD])
    best, began = measured(lesson.network, held), time.time()
    print(f"{len(lesson.libraries)} libraries, {len(learned.questions)} lists", flush=True)
    print(f"before: {best:.4f}, lists {measured_lists(lesson.network, aside):.4f}", flush=True)
    for number in range(1, recipe.steps + 1):
        loss = lesson.step()
        if number % 100 and number < recipe.steps:
            continue
        now = measured(lesson.network, held)
        beside = measured_lists(lesson.network, aside)
        took = time.time() - began
        print(f"step {number}: loss {loss:.4f}, held out {now:.4f}, lists {beside:.4f}, {took:.0f} s", flush=True)
        if now > best:
            best = now
            about = asdict(recipe) | {"graded_lists": len(learned.questions), "libraries": len(lesson.libraries)}
            about |= {"graded_sha256": judged.digest(), "step": number, "held_out_ndcg": round(now, 4)}
            adapter.write(lesson.network, output, before | {"graded": about})


class Lesson:
    """The network, what it learns from, and how far it is."""

    def __init__(self, recipe: Recipe, lists: Rows, libraries: list[Rows]) -> None:
        self.recipe, self.lists, self.libraries = recipe, lists, libraries
        pairs = adapter.Recipe()
        self.network = Network(pairs.rank, pairs.layers)
        texts = [text for one in (lists, *libraries) for text in (*one.texts, *one.contexts)]
        self.before = adapter.Before(self.network, texts)
        self.network.learn(Adapter(content()))
        learned = [one for one in self.network.parameters() if one.requires_grad]
        self.optimizer = torch.optim.AdamW(learned, lr=recipe.rate, weight_decay=0.01)
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, recipe.rate, total_steps=recipe.steps, pct_start=0.1
        )

    def step(self) -> float:
        """One step of learning; its loss."""
        listed = [(one, self._looked_at(one)) for one in random.sample(self.lists.questions, self.recipe.lists)]
        library = random.choice(self.libraries)
        asked = random.sample(library.questions, min(self.recipe.questions, len(library.questions)))
        seen = self._seen(library, asked)
        texts = list(dict.fromkeys(self.lists.texts[row] for _, rows in listed for row in rows))
        contexts = list(dict.fromkeys(library.contexts[row] for row in seen))
        every = texts + [library.texts[row] for row in seen] + contexts + self.before.some(8)
        with torch.autocast("cpu", torch.bfloat16):
            questions = self.network([QUERY + one.text for one in [one for one, _ in listed] + asked])
            rows = self.network([PASSAGE + text for text in every])
        kept = self.before.of(every)
        loss = self._of_lists(listed, texts, questions[: len(listed)] @ rows[: len(texts)].T, kept[: len(texts)])
        own = rows[len(texts) : len(texts) + len(seen)]
        around = rows[len(texts) + len(seen) :][[contexts.index(library.contexts[row]) for row in seen]]
        close = questions[len(listed) :] @ (own + CONTEXT_MEANING * around).T
        grades = torch.tensor([[one.grades.get(row, 0) for row in seen] for one in asked])
        loss = loss + self._order(close, grades, torch.ones_like(grades, dtype=torch.bool))
        loss = loss + self.recipe.hold * (1 - (rows * kept).sum(1)).mean()
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step(), self.scheduler.step()
        return float(loss.item())

    def _looked_at(self, question: Question) -> list[int]:
        """Some rows of a list: three of each grade above 0, the rest of grade 0."""
        by = {grade: [row for row, given in question.grades.items() if given == grade] for grade in (2, 1, 0)}
        rows = [row for grade in (2, 1) for row in random.sample(by[grade], min(3, len(by[grade])))]
        return rows + random.sample(by[0], min(self.recipe.looked_at - len(rows), len(by[0])))

    def _seen(self, library: Rows, asked: list[Question]) -> list[int]:
        """Rows of a library: what has a grade for one of those asked, and others by chance."""
        graded = sorted({row for one in asked for row in one.grades})
        graded = random.sample(graded, min(self.recipe.positives, len(graded)))
        rest = sorted(set(range(len(library.texts))) - set(graded))
        return graded + random.sample(rest, min(self.recipe.others, len(rest)))

    def _of_lists(
        self, listed: list[tuple[Question, list[int]]], texts: list[str], close: Tensor, known: Tensor
    ) -> Tensor:
        """Rows of other lists count as useless, unless they are nearly one that this question wants."""
        place = {text: at for at, text in enumerate(texts)}
        grades = torch.zeros(len(listed), len(texts), dtype=torch.long)
        own = torch.zeros(len(listed), len(texts), dtype=torch.bool)
        like = known @ known.T > self.recipe.alike
        alike = torch.zeros_like(own)
        for at, (question, rows) in enumerate(listed):
            places = [place[self.lists.texts[row]] for row in rows]
            given = torch.tensor([question.grades[row] for row in rows])
            own[at, places] = True
            grades[at, places] = given
            alike[at] = like[[one for one, grade in zip(places, given, strict=True) if grade]].any(0)
        return self._order(close, grades, own | ~alike, own)

    def _order(self, close: Tensor, grades: Tensor, counts: Tensor, own: Tensor | None = None) -> Tensor:
        """How far `close` is from the order of the `grades`: of all rows that count, and of each two that were looked at."""
        some = (grades * counts).sum(1) > 0
        close, grades, counts = close[some] / self.recipe.temperature, grades[some], counts[some]
        own = counts if own is None else own[some]
        wanted = _GAIN[grades] * counts
        wanted = wanted / wanted.sum(1, keepdim=True)
        loss = -(wanted * functional.log_softmax(close.masked_fill(~counts, _OUT), 1)).sum(1).mean()
        ahead = close.unsqueeze(2) - close.unsqueeze(1)
        for more, less in ((2, 1), (2, 0), (1, 0)):
            both = (own & (grades == more)).unsqueeze(2) & (own & (grades == less)).unsqueeze(1)
            if both.any():
                loss = loss + self.recipe.margin * functional.softplus(0.5 - ahead[both]).mean()
        return loss


def measured(network: Network, libraries: Sequence[Rows]) -> float:
    """nDCG@10 of the questions of `libraries`, by meaning alone."""
    found = []
    for library in libraries:
        with torch.autocast("cpu", torch.bfloat16):
            own, around = (
                network.rows([PASSAGE + text for text in texts]) for texts in (library.texts, library.contexts)
            )
            asked = network.rows([QUERY + one.text for one in library.questions])
        close = asked @ (own + CONTEXT_MEANING * around).T
        for question, line in zip(library.questions, close, strict=True):
            found.append(_ndcg(question, line.argsort(descending=True).tolist()))
    return float(np.mean(found))


def measured_lists(network: Network, lists: Rows) -> float:
    """nDCG@10 of the questions of `lists`, each among the rows that were looked at for it."""
    texts = list(dict.fromkeys(lists.texts[row] for question in lists.questions for row in question.grades))
    with torch.autocast("cpu", torch.bfloat16):
        known = dict(zip(texts, network.rows([PASSAGE + text for text in texts]), strict=True))
        asked = network.rows([QUERY + one.text for one in lists.questions])
    found = []
    for question, own in zip(lists.questions, asked, strict=True):
        close = {row: float(own @ known[lists.texts[row]]) for row in question.grades}
        found.append(_ndcg(question, sorted(close, key=close.__getitem__, reverse=True)))
    return float(np.mean(found))


def _ndcg(question: Question, order: list[int]) -> float:
    best = sorted(question.grades.values(), reverse=True)
    return _dcg([question.grades.get(row, 0) for row in order[:10]]) / _dcg(best[:10])


def _dcg(gains: list[int]) -> float:
    return float(sum(gain / np.log2(rank + 1) for rank, gain in enumerate(gains, 1)))


if __name__ == "__main__":
    main()
