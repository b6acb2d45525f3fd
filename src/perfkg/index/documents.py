"""From places to what is shown of them: all of an indicator from the ledger, or whose it is from the columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfkg.index.view import View
from perfkg.ledger import Ledger
from perfkg.records import Json, Occurrence


@dataclass(frozen=True, slots=True)
class Document:
    """One indicator as it is shown; `key` and `context` are those of its text and context."""

    id: str
    key: int
    context: int
    content: Json


def documents(view: View, ledger: Ledger, places: Sequence[int]) -> list[Document]:
    """The indicators at `places`, as the ledger had them when `view` was made."""
    forms = [int(view.places.form[place]) for place in places]
    versions = {form: (view.forms.id[form].decode(), int(view.forms.version[form])) for form in dict.fromkeys(forms)}
    contents = ledger.contents(versions.values())
    return [_document(view, place, form, contents[versions[form]]) for place, form in zip(places, forms, strict=True)]


def occurrences(view: View, places: Sequence[int]) -> list[Occurrence]:
    """Whose indicators `places` are."""
    return [_occurrence(view, place, int(view.places.form[place])) for place in places]


def _document(view: View, place: int, form: int, declaration: Json) -> Document:
    row = declaration["indicators"][int(view.places.position[place])]
    content = {name: declaration[name] for name in ("project", "organization", "year")}
    content |= {name: row[name] for name in ("id", "category", "name", "value", "targets")}
    content["declaration"] = declaration["id"]
    key, context = view.texts.key[view.places.text[place]], view.forms.context[form]
    return Document(row["id"], int(key), int(context), content)


def _occurrence(view: View, place: int, form: int) -> Occurrence:
    forms, names = view.forms, view.names
    return Occurrence(
        view.places.id[place].decode(),
        forms.id[form].decode(),
        names.name(int(forms.project[form])),
        names.name(int(forms.organization[form])),
        int(forms.year[form]) or None,
    )
