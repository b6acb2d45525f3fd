"""Adds up what several trainings gave, each by its share, to one adapter. Needs PyTorch, as training does.

    python -m training.mixture embeddings/adapter.npz first.npz:0.5 second.npz:0.7

Trainings from one beginning can be added: what they have in common stays, what each took from its own batches is less.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from perfkg.encoder import adapter, e5
from perfkg.encoder.adapter import PARTS
from perfkg.encoder.tokenizer import PASSAGE
from training.network import Network

Factors = dict[str, tuple[Any, Any]]


def main() -> None:
    """Writes the sum and its manifest, in which those of the parts stand."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("parts", nargs="+", help="FILE:SHARE")
    parser.add_argument("--pairs", type=Path, default=Path("embeddings/pairs.jsonl"))
    chosen = parser.parse_args()
    parts = [(Path(file), float(share)) for file, share in (part.rsplit(":", 1) for part in chosen.parts)]
    factors = added([(file.read_bytes(), share) for file, share in parts])
    content = adapter.write(factors, rows(factors))
    chosen.output.write_bytes(content)
    manifests = [{"share": share, **json.loads(file.with_suffix(".json").read_text())} for file, share in parts]
    about = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "pairs_sha256": hashlib.sha256(chosen.pairs.read_bytes()).hexdigest(),
        "parts": manifests,
    }
    chosen.output.with_suffix(".json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")


def added(parts: list[tuple[bytes, float]]) -> Factors:
    """The factors of the sum: those of the parts side by side, as wide as all of them together."""
    sides: dict[str, list[tuple[Any, Any]]] = {}
    for content, share in parts:
        read = np.load(io.BytesIO(content))
        for name in (key.removesuffix(".down") for key in read.files if key.endswith(".down")):
            up = read[f"{name}.up"].astype(np.float32) * share
            sides.setdefault(name, []).append((read[f"{name}.down"], up.astype(np.float16)))
    return {
        name: (np.concatenate([down for down, _ in both], axis=1), np.concatenate([up for _, up in both]))
        for name, both in sides.items()
    }


def rows(factors: Factors) -> Any:
    """The rows of the fixed texts that the network gives with these factors."""
    network = Network(max(down.shape[1] for down, _ in factors.values()), learning=12)
    with torch.no_grad():
        for number, layer in enumerate(network.layers):
            for product, name in ((getattr(layer, part), f"l{number}.{part}") for part in PARTS):
                product.up.zero_()
                if name in factors:
                    down, up = (torch.from_numpy(side.astype(np.float32)) for side in factors[name])
                    product.down[:, : down.shape[1]], product.up[: len(up)] = down, up
    return network.exact([PASSAGE + text for text in e5.SAMPLE]).detach().numpy()


if __name__ == "__main__":
    main()
