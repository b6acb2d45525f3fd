"""Makes `embeddings/phrasebook.npz` from `embeddings/pairs.jsonl` with the encoder as it is now: after `training.adapter`.

python -m training.phrasebook
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from perfkg.encoder import adapter, e5, phrasebook

FOLDER = Path(__file__).parents[1] / "embeddings"


def main() -> None:
    """Writes the file; takes about a minute."""
    lines = (FOLDER / "pairs.jsonl").read_text("utf-8").splitlines()
    groups = [json.loads(line) for line in lines if line.strip()]
    encoder = e5.load()
    questions = np.stack([encoder.query(text) for group in groups for text in group["questions"]])
    number = np.repeat(np.arange(len(groups)), [len(group["questions"]) for group in groups])
    means = np.stack([encoder.passages(group["texts"]).mean(axis=0) for group in groups])
    wordings = means / np.linalg.norm(means, axis=1, keepdims=True)
    learned = hashlib.sha256(adapter.content()).hexdigest()
    (FOLDER / "phrasebook.npz").write_bytes(phrasebook.write(questions, number, wordings, learned))
    print(f"{len(questions)} questions, {len(groups)} groups")


if __name__ == "__main__":
    main()
