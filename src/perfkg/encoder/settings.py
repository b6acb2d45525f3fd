"""What `embeddings/encoder.toml` says."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from importlib import resources

from perfkg.errors import InvalidLibrary

LONGEST = 1000
"""Characters of a text that are encoded: an indicator's matter stands in its first sentence."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `encoder.toml` says; an unknown key there is an error. `passage` is the template of an indicator's text."""

    kind: str
    location: str = ""
    query_prefix: str = ""
    passage_prefix: str = ""
    passage: str = "{level2}，{name}：{value}"


def settings() -> Settings:
    """The settings of `embeddings/encoder.toml`; the environment variable PERFKG_ENCODER replaces `kind`.

    After a colon it may give the location too: `transformers:FOLDER`. Raises InvalidLibrary if the file is wrong.
    """
    text = resources.files("embeddings").joinpath("encoder.toml").read_text("utf-8")
    try:
        read = Settings(**tomllib.loads(text))
    except (TypeError, tomllib.TOMLDecodeError) as error:
        raise InvalidLibrary(f"编码器设置有误：{error}", "embeddings/encoder.toml", "请对照文件中的说明改正") from error
    kind, _, location = os.environ.get("PERFKG_ENCODER", read.kind).partition(":")
    return Settings(kind, location or read.location, read.query_prefix, read.passage_prefix, read.passage)


def passage(level2: str | None, name: str | None, value: str | None, template: str) -> str:
    """The text that stands for an indicator, e.g. `质量指标，网络故障处理时间：24小时`."""
    text = template
    for key, field in {"level2": level2, "name": name, "value": value}.items():
        text = text.replace(f"{{{key}}}", field or "")
    return text.strip("，：")[:LONGEST]
