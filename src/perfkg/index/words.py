"""The word index of a library: the view of today, what the ledger's changes make of it, and the file it is kept in.

A projection of the ledger like the others: it knows the change it stands at and catches up from there.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from perfkg import tokens
from perfkg.encoder import text_key
from perfkg.errors import InvalidLibrary
from perfkg.index import passages
from perfkg.index.postings import Postings
from perfkg.index.tables import Array, Forms, Names, Places, Texts, form_row, place_rows
from perfkg.index.view import FIELDS, View
from perfkg.ledger import Change
from perfkg.records import Declaration

_FILE = "words.npz"
_CUT = {"grams": tokens.grams, "words": tokens.words}


class Words:
    """The index in `folder`, kept in memory and saved whole; `view` is replaced with every change."""

    def __init__(self, folder: Path, template: str) -> None:
        """`template` is the encoder's text of an indicator. Raises InvalidLibrary if the file is damaged."""
        self.folder, self._template = folder, template
        self._version = f"3|{tokens.version()}|{template}"
        self.current = True
        self.view = View.empty()
        if folder.is_dir():
            self._load()
        self.saved = self.view.change

    @property
    def change(self) -> int:
        """The ledger change it stands at."""
        return self.view.change

    @property
    def count(self) -> int:
        """How many indicators are indexed."""
        return len(self.view.places)

    @property
    def distinct(self) -> int:
        """How many distinct texts they have."""
        return len(self.view.texts)

    def apply(self, changes: Sequence[Change]) -> None:
        """Takes `changes` in. Applying twice is as once."""
        last = {change.id: change for change in changes}
        there = _without(self.view, [text_key(id) for id in last])
        made = [(change, change.declaration) for change in last.values() if change.declaration]
        view = _settled(self._with(there, made))
        self.view = replace(view, change=changes[-1].number, _passed={})

    def save(self) -> None:
        """Writes the file; it is its own check, and a crash leaves the old one."""
        if self.saved == self.change and (self.folder / _FILE).exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f"{_FILE}.part"
        with part.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **_arrays(self.view, self._version))
        os.replace(part, self.folder / _FILE)
        self.saved = self.change

    def _load(self) -> None:
        file = self.folder / _FILE
        try:
            with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            self.view, made_with = _view(arrays)
        except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error) as error:
            raise InvalidLibrary(f"字词索引已损坏：{error}", str(file), "请运行 perfkg rebuild") from error
        self.current = made_with == self._version

    def _with(self, view: View, made: Sequence[tuple[Change, Declaration]]) -> View:
        """With forms that are not there yet, and their texts and places."""
        written = passages.texts([change for change, _ in made], self._template)
        rows = dict(zip(view.texts.key[found := view.rows(written)].tolist(), found.tolist(), strict=True))
        new = {key: text for key, text in written.items() if key not in rows}
        rows |= {key: row for row, key in enumerate(new, len(view.texts))}
        first = len(view.forms)
        places = (
            row
            for form, (_, declaration) in enumerate(made, first)
            for row in place_rows(declaration, form, rows, self._template, view.names)
        )
        return replace(
            view,
            texts=view.texts.adding(Texts.of([key] for key in new)),
            fields={
                name: held.adding([_CUT[name](text) for text in new.values()]) for name, held in view.fields.items()
            },
            forms=view.forms.adding(Forms.of(form_row(*one, view.names) for one in made)),
            around=view.around.adding([_around(declaration) for _, declaration in made]),
            places=view.places.adding(Places.of(places)),
        )


def _around(declaration: Declaration) -> list[str]:
    """The words of whose and what for an indicator is."""
    about = (declaration.project, declaration.organization, declaration.objective)
    return tokens.words(" ".join(part for part in about if part))


def _without(view: View, keys: list[int]) -> View:
    """Without the forms of these keys and their places; their texts are still there."""
    kept = ~np.isin(view.forms.key, keys)
    if kept.all():
        return view
    places = view.places.keeping(kept[view.places.form])
    rank = (np.cumsum(kept) - 1).astype(np.int32)
    return replace(
        view,
        forms=view.forms.keeping(kept),
        around=view.around.keeping(kept),
        places=replace(places, form=rank[places.form]),
    )


def _settled(view: View) -> View:
    """Without the texts that stand at no place any more."""
    kept = np.bincount(view.places.text, minlength=len(view.texts)) > 0
    if kept.all():
        return view
    rank = (np.cumsum(kept) - 1).astype(np.int32)
    return replace(
        view,
        texts=view.texts.keeping(kept),
        fields={name: held.keeping(kept) for name, held in view.fields.items()},
        places=replace(view.places, text=rank[view.places.text]),
    )


def _arrays(view: View, version: str) -> dict[str, Array]:
    parts: dict[str, Any] = {"texts": view.texts, "forms": view.forms, "places": view.places, "around": view.around}
    parts |= view.fields
    found = {f"{part}.{name}": column for part, held in parts.items() for name, column in held.columns().items()}
    about = json.dumps({"version": version, "change": view.change, "names": view.names.known}, ensure_ascii=False)
    return {**found, "about": np.frombuffer(about.encode("utf-8", "surrogatepass"), np.uint8)}


def _view(arrays: Mapping[str, Array]) -> tuple[View, str]:
    def of(part: str) -> dict[str, Array]:
        """The columns of one part, by their own names."""
        start = f"{part}."
        return {name.removeprefix(start): column for name, column in arrays.items() if name.startswith(start)}

    about = json.loads(arrays["about"].tobytes().decode("utf-8", "surrogatepass"))
    fields = {name: Postings.of_columns(of(name)) for name in FIELDS}
    forms, around, places = Forms(**of("forms")), Postings.of_columns(of("around")), Places(**of("places"))
    view = View(about["change"], Names(about["names"]), Texts(**of("texts")), fields, forms, around, places)
    return view, about["version"]
