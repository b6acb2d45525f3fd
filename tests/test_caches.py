"""What can be made anew is kept where its user alone can write, or nowhere."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from pathlib import Path

import pytest

from perfkg import caches, tokens

NOWHERE = "/proc/self/nobody"
"""A home in which nobody, root neither, can make a folder."""


@pytest.mark.parametrize("named", ["", "caches", "./caches"])
def test_an_empty_or_relative_name_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    assert caches.folder() == tmp_path / "home" / ".cache" / "perfkg"
    assert [one.name for one in tmp_path.iterdir()] == ["home"]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "kept"))
    assert caches.folder() == tmp_path / "kept" / "perfkg"


def test_who_has_no_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", NOWHERE)
    assert caches.folder() is None


def test_without_a_cache_words_are_cut_all_the_same_and_nothing_is_taken_from_the_shared_folder(tmp_path: Path) -> None:
    (tmp_path / "jieba.cache").write_bytes(marshal.dumps(({"网": 1}, 1)))
    environment = {**os.environ, "HOME": NOWHERE, "XDG_CACHE_HOME": "", "TMPDIR": str(tmp_path)}
    code = "from perfkg import tokens; print(*tokens.words('网络故障处理时间'))"
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert run.stdout.split() == tokens.words("网络故障处理时间")
    assert run.stderr == ""
    assert [one.name for one in tmp_path.iterdir()] == ["jieba.cache"]
