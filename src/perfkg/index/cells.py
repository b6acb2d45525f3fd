"""The two shapes of a faiss index of half-precision rows by number: flat, and in cells."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfkg.encoder import Rows

FEW = 50_000
"""Up to so many rows every row is looked at, which takes about 3 ms; also where a filter leaves so many of more."""

PROBED = 8
"""One cell of so many is looked into; measured by `recall`."""

_PER_CELL = 40
"""Rows a cell is learned from."""


def flat(dimension: int) -> Any:
    """An empty index that looks at every row."""
    import faiss

    rows = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    return faiss.IndexIDMap2(rows)


def wanted(rows: int) -> int:
    """How many cells so many rows want: none for few, then about their square root, as a power of two."""
    return 0 if rows <= FEW else 1 << (rows.bit_length() // 2)


def count(index: Any) -> int:
    """How many cells an index has; 0 for a flat one."""
    return int(getattr(index, "nlist", 0))


def learned(dimension: int, cells: int, sample: Rows) -> Any:
    """An empty index of `cells` cells, learned from `sample` by half of the processors: searches go on meanwhile."""
    import faiss

    centres = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        centres, dimension, cells, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT, False
    )
    centres.this.disown()
    index.own_fields = True
    index.set_direct_map_type(faiss.DirectMap.Hashtable)
    index.cp.niter, index.cp.spherical = 8, True
    faiss.omp_set_num_threads(max(1, (os.cpu_count() or 1) // 2))
    index.train(sample)
    return index


def sampled(cells: int) -> int:
    """How many rows `learned` wants for so many cells."""
    return _PER_CELL * cells


def parameters(index: Any, selector: Any, chosen: int | None) -> Any:
    """How to search for rows that `selector` lets pass, `chosen` of them; all cells where these are few."""
    import faiss

    cells = count(index)
    if not cells:
        return faiss.SearchParameters(sel=selector) if selector else None
    share = 1 / PROBED if chosen is None else min(1.0, max(1 / PROBED, FEW / max(1, chosen)))
    probed = max(1, round(cells * share))
    return (
        faiss.SearchParametersIVF(sel=selector, nprobe=probed) if selector else faiss.SearchParametersIVF(nprobe=probed)
    )


def numbers(index: Any) -> Iterable[int]:
    """The numbers of all rows."""
    import faiss

    if not count(index):
        found: Sequence[int] = faiss.vector_to_array(index.id_map).tolist()
        return found
    lists = index.invlists
    sizes = [(cell, lists.list_size(cell)) for cell in range(index.nlist)]
    return [int(number) for cell, size in sizes if size for number in faiss.rev_swig_ptr(lists.get_ids(cell), size)]
