"""Trains what `embeddings/adapter.npz` holds, from `embeddings/pairs.jsonl`. Needs PyTorch; the product does not.

    python -m training.adapter                    trains with the defaults and writes both files
    python -m training.adapter --epochs 2 --output try.npz

A line of the pairs is one thing that indicators measure: `texts` say it as forms do, `questions` ask for it as people do,
`near` look alike and mean something else. A question is drawn to the texts of its group and away from those of the
others in its batch, a text likewise to another of its group. What the network knew is held on to: rows of texts and of
contexts (an office and its project) may not wander far from those it gave before.

One group of eight is kept out of training. The state that ranks the texts of these best is the one that is written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from perfkg.encoder import adapter, e5
from perfkg.encoder.tokenizer import PASSAGE, QUERY
from perfkg.reading import read_all
from training.network import Network

ROOT = Path(__file__).parents[1]
PAIRS = ROOT / "embeddings" / "pairs.jsonl"


@dataclass(frozen=True)
class Recipe:
    """How it is trained."""

    rank: int = 8
    layers: int = 12
    batch: int = 48
    rate: float = 1e-3
    temperature: float = 0.04
    hold: float = 1.0
    passages: float = 0.5
    alike: float = 0.95
    epochs: int = 6
    seed: int = 1


@dataclass(frozen=True)
class Group:
    """One thing measured."""

    texts: tuple[str, ...]
    questions: tuple[str, ...]
    near: tuple[str, ...]


def main() -> None:
    """Trains as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, nargs="+", default=[PAIRS])
    parser.add_argument("--output", type=Path, default=ROOT / "embeddings" / "adapter.npz")
    parser.add_argument("--all", action="store_true", help="trains on all groups, through all epochs")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    chosen = vars(parser.parse_args())
    recipe = Recipe(**{name: chosen[name] for name in asdict(Recipe())})
    content = b"".join(file.read_bytes() for file in chosen["pairs"])
    groups = [_group(line) for line in content.decode().splitlines() if line.strip()]
    train(groups, recipe, chosen["output"], chosen["all"], hashlib.sha256(content).hexdigest())


def _group(line: str) -> Group:
    read = json.loads(line)
    return Group(*(tuple(read[name]) for name in ("texts", "questions", "near")))


def train(groups: list[Group], recipe: Recipe, output: Path, whole: bool, digest: str) -> None:
    """Writes the best state to `output`, and beside it what it was made from."""
    random.seed(recipe.seed), torch.manual_seed(recipe.seed)
    held = [group for at, group in enumerate(groups) if at % 8 == 7]
    learned = groups if whole else [group for at, group in enumerate(groups) if at % 8 != 7]
    network = Network(recipe.rank, recipe.layers)
    before = Before(network, [text for group in learned for text in (*group.texts, *group.near)])
    steps = recipe.epochs * (len(learned) // recipe.batch)
    optimizer = torch.optim.AdamW(
        [one for one in network.parameters() if one.requires_grad], lr=recipe.rate, weight_decay=0.01
    )
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=steps, pct_start=0.1)
    best = measured(network, held, groups)
    print(f"{len(learned)} groups, {steps} steps; before: {best:.4f}", flush=True)
    began = time.time()
    for epoch in range(recipe.epochs):
        order = random.sample(learned, len(learned))
        losses = []
        for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
            losses.append(step(network, before, order[start : start + recipe.batch], recipe, optimizer))
            scheduler.step()
        now = measured(network, held, groups)
        print(
            f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, held out {now:.4f}, {time.time() - began:.0f} s",
            flush=True,
        )
        if now > best or whole:
            best = now
            about = asdict(recipe) | {"groups": len(learned), "pairs_sha256": digest}
            write(network, output, {"pairs": about | {"epoch": epoch + 1, "held_out_mrr": round(now, 4)}})


class Before:
    """Rows that the network gave before it learned anything."""

    def __init__(self, network: Network, texts: list[str]) -> None:
        self._contexts = contexts()
        texts = list(dict.fromkeys([*texts, *self._contexts]))
        with torch.autocast("cpu", torch.bfloat16):
            self.rows = dict(zip(texts, network.rows([PASSAGE + text for text in texts]), strict=True))

    def some(self, count: int) -> list[str]:
        """Contexts by chance."""
        return random.sample(self._contexts, min(count, len(self._contexts)))

    def of(self, texts: list[str]) -> Tensor:
        """The rows of `texts`."""
        return torch.stack([self.rows[text] for text in texts])


def contexts() -> list[str]:
    """Offices with their projects, from the invented county of the examples."""
    read = (one for outcome in read_all([ROOT / "examples"]) for one in outcome.declarations)
    return list(dict.fromkeys("，".join(part for part in (one.organization, one.project) if part) for one in read))


def step(
    network: Network, before: Before, groups: list[Group], recipe: Recipe, optimizer: torch.optim.Optimizer
) -> float:
    """One step of learning from a batch; its loss."""
    questions = [random.choice(group.questions) for group in groups]
    pairs = [random.sample(group.texts, 2) for group in groups]
    near = [random.choice(group.near) for group in groups if group.near]
    texts = [pair[0] for pair in pairs] + [pair[1] for pair in pairs] + near
    others = before.some(16)
    with torch.autocast("cpu", torch.bfloat16):
        asked = network([QUERY + text for text in questions])
        rows = network([PASSAGE + text for text in texts + others])
    found, kept = rows[: len(texts)], before.of(texts + others)
    known = kept[: len(texts)]
    count = len(groups)
    own = torch.zeros(count, len(texts), dtype=torch.bool)
    number = torch.arange(count)
    own[number, number] = own[number, count + number] = True
    # Two writers may have described one thing: a text nearly equal to one of the group is no proof against it.
    alike = (known[:count] @ known.T > recipe.alike) | (known[count : 2 * count] @ known.T > recipe.alike)
    out = (alike & ~own).float() * -1e4
    loss = contrast(asked @ found.T / recipe.temperature + out, own)
    loss = loss + 0.5 * contrast(
        found[: 2 * count] @ asked.T / recipe.temperature, torch.cat([torch.eye(count, dtype=torch.bool)] * 2)
    )
    among = found[:count] @ found.T / recipe.temperature + out
    among[number, number] = -1e4
    partner = torch.zeros_like(own)
    partner[number, count + number] = True
    loss = loss + recipe.passages * contrast(among, partner)
    loss = loss + recipe.hold * 10 * (1 - (rows * kept).sum(1)).mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def contrast(scores: Tensor, right: Tensor) -> Tensor:
    """Cross-entropy of each right one against all wrong ones, other right ones left out, averaged."""
    wrong = scores.masked_fill(right, -1e4).logsumexp(1, keepdim=True)
    each = functional.softplus(wrong - scores)
    return each[right].mean()


def measured(network: Network, held: list[Group], groups: list[Group]) -> float:
    """How high a question of a group kept out finds its texts, among one text of each other group and what looks alike.

    The mean reciprocal rank.
    """
    others = [group.texts[0] for group in groups if group not in held]
    texts = list(dict.fromkeys([text for group in held for text in (*group.texts, *group.near)] + others))
    place = {text: at for at, text in enumerate(texts)}
    with torch.autocast("cpu", torch.bfloat16):
        rows = network.rows([PASSAGE + text for text in texts])
        asked = network.rows([QUERY + text for group in held for text in group.questions])
    scores = iter(asked @ rows.T)
    found = []
    for group in held:
        own = [place[text] for text in group.texts]
        for _, line in zip(group.questions, scores, strict=False):
            found.append(1 / (1 + int((line > line[own].max()).sum())))
    return float(np.mean(found))


def write(network: Network, output: Path, about: dict[str, object]) -> None:
    """The adapter and its manifest."""
    factors = {name: (down, up) for name, down, up in network.deltas()}
    sample = network.exact([PASSAGE + text for text in e5.SAMPLE]).numpy()
    content = adapter.write(factors, sample)
    output.write_bytes(content)
    about |= {"sha256": hashlib.sha256(content).hexdigest()}
    output.with_suffix(".json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
