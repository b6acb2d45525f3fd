"""Any sentence-transformers model, by name or folder; needs the extra `transformers`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perfkg.encoder.contract import Rows
from perfkg.encoder.settings import Settings
from perfkg.errors import UnavailableService

_BATCH = 16
_PARTS = {
    "设置（modules.json 或 config.json）": ("modules.json", "config.json"),
    "权重（*.safetensors）": ("*.safetensors", "pytorch_model*.bin"),
}
"""What every folder of a model has, each by one of several names."""


class Transformer:
    """A sentence-transformers model; where the settings give no prefix, that of the model's own config is used."""

    def __init__(self, chosen: Settings) -> None:
        """Raises UnavailableService where the extra, the model or a part of it is missing."""
        _require_whole(chosen.location)
        self._model = _loaded(chosen.location)
        prompts: dict[str, str] = {name: text or "" for name, text in self._model.prompts.items()}
        self._query_prefix = chosen.query_prefix or prompts.get("query", "")
        named = (prompts[name] for name in ("document", "passage", "corpus") if prompts.get(name))
        self._passage_prefix = chosen.passage_prefix or next(named, "")
        self.dimension = self._measured(chosen.location)
        self.name = f"transformers-{self._fingerprint()}"

    def passages(self, texts: Sequence[str]) -> Rows:
        """Rows of recorded texts."""
        return self._rows(texts, self._passage_prefix)

    def query(self, text: str) -> Rows:
        """The row of a question."""
        row: Rows = self._rows([text], self._query_prefix)[0]
        return row

    def _rows(self, texts: Sequence[str], prefix: str) -> Rows:
        encoded = self._model.encode(
            list(texts),
            prompt=prefix,
            batch_size=_BATCH,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        rows: Rows = encoded.astype("float32")
        return rows

    def _measured(self, location: str) -> int:
        """The dimension of a row, which has to be the one that the model's config states."""
        import numpy as np

        row = self.query("网络故障处理时间")
        stated = self._stated()
        if stated not in (None, len(row)):
            what = f"编码器给出的向量是 {len(row)} 维，它的设置却写着 {stated} 维"
            raise UnavailableService(what, location, "请换一个完整的模型文件夹")
        if not np.isfinite(row).all():
            raise UnavailableService("编码器给出的向量不是数", location, "请换一个完整的模型文件夹")
        return len(row)

    def _stated(self) -> int | None:
        model = self._model
        named_anew = getattr(model, "get_embedding_dimension", None)
        dimension: int | None = named_anew() if named_anew else model.get_sentence_embedding_dimension()
        return dimension

    def _fingerprint(self) -> str:
        """Tells this model from another at the same place: the prefixes and a few numbers of every tensor."""
        seen = hashlib.sha256(f"{self._query_prefix}\0{self._passage_prefix}".encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            seen.update(f"{name}{tuple(tensor.shape)}{tensor.flatten()[:8].tolist()}".encode())
        return seen.hexdigest()[:12]


def _loaded(location: str) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        advice = "请安装 perfkg[transformers]，或在 encoder.toml 里换一种编码器"
        raise UnavailableService("没有安装 sentence-transformers", None, advice) from error
    try:
        return SentenceTransformer(location, device="cpu")
    except Exception as error:  # whatever is wrong with a folder or a name comes up here
        advice = "请检查模型文件夹是否完整、与所装的版本相符"
        raise UnavailableService("编码器装载不了", location, advice) from error


def _require_whole(location: str) -> None:
    """A folder that lacks a part is named before a library far below trips over it. A name is left to the library."""
    folder = Path(location).expanduser()
    if not location:
        raise UnavailableService("没有写明用哪个模型", "encoder.toml 的 location", "请填模型的名字或文件夹")
    if not folder.is_dir():
        if folder.is_absolute() or location.startswith((".", "~")):
            raise UnavailableService("没有这个编码器文件夹", location, "请检查 encoder.toml 的 location")
        return
    for part, patterns in _PARTS.items():
        if not any(next(folder.rglob(pattern), None) for pattern in patterns):
            raise UnavailableService(f"编码器文件夹不完整，缺少{part}", location, "请重新复制整个文件夹")
