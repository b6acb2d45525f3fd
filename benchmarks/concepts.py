"""Are indicators that mean the same gathered, and others kept apart? And do concepts stay when the library changes?

    python benchmarks/concepts.py                    pairs judged by hand, and stability
    python benchmarks/concepts.py --choose           the same for other thresholds of meaning (gathering.SAME)
    python benchmarks/concepts.py --encoder none     by words alone
    python benchmarks/concepts.py --indicators 100000    time and memory over a made-up library; vectors are a stand-in's

The library has the examples, the real forms as the cases of tests have them, and a form for each wording judged
(tests/cases/concepts.json). Pairs of the first half were looked at when the rules were made, those of the second half
only counted. A pair is together if both wordings are members of one concept.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from libraries import declaration, declarations
from stand_ins import NoGraph, StandIn

from perfkg import encoder
from perfkg.concepts import gathering
from perfkg.concepts.catalogue import Catalogue, catalogue
from perfkg.concepts.computed import compute
from perfkg.concepts.uses import uses
from perfkg.encoder import settings
from perfkg.library import Library
from perfkg.records import Declaration

TESTS = Path(__file__).parents[1] / "tests"
CASES: list[dict[str, Any]] = json.loads((TESTS / "cases" / "concepts.json").read_text("utf-8"))
THRESHOLDS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def judged() -> list[tuple[Declaration, Declaration]]:
    """The two forms of every case, each of an organization and a project of its own."""
    from counties import understood

    made = []
    for number, case in enumerate(CASES):
        pair = []
        for side in ("one", "other"):
            name, value, project = case[side]
            organization = f"云岭县{number}号{'甲' if side == 'one' else '乙'}单位"
            pair.append(understood(declaration(organization, project, 2021, [(case["category"], name, value)])))
        made.append((pair[0], pair[1]))
    return made


def counted(found: Catalogue, pairs: Iterable[tuple[Declaration, Declaration]]) -> Counter[tuple[int, bool, str]]:
    """How many pairs of which half, together or not as judged, are in one concept, proposed, or apart."""
    proposals = {frozenset((one.concept, one.other)) for one in found.proposals}
    counts: Counter[tuple[int, bool, str]] = Counter()
    for number, ((one, other), case) in enumerate(zip(pairs, CASES, strict=True)):
        ids = frozenset(found.of_indicator[form.indicators[0].id] for form in (one, other))
        told = "one" if len(ids) == 1 else "proposed" if ids in proposals else "apart"
        counts[number % 2, case["together"], told] += 1
    return counts


def precision_and_recall(counts: Counter[tuple[int, bool, str]], half: int) -> tuple[float, float, float]:
    """Of the members: precision and recall; and the recall of members and proposals together."""
    right, wrong = counts[half, True, "one"], counts[half, False, "one"]
    meant = sum(count for (at, together, _), count in counts.items() if at == half and together)
    either = right + counts[half, True, "proposed"]
    return right / max(right + wrong, 1), right / max(meant, 1), either / max(meant, 1)


def stability(library: Library) -> float:
    """Each organization withdrawn in turn: the mean share of the other phrases that keep the id of their concept."""
    whole = catalogue(library).of_phrase
    shares = []
    for name in sorted({one.organization or "" for one in library.ledger.entries()}):
        entries = library.ledger.entries(organization=name)
        forms = [library.ledger.get(entry.id) for entry in entries]
        for form in forms:
            library.ledger.withdraw(form.id)
        library.catch_up()
        rest = catalogue(library).of_phrase
        shares.append(sum(whole.get(phrase) == id for phrase, id in rest.items()) / len(rest))
        library.import_declarations(forms)
    print(f"stability: {len(shares)} organizations, mean {sum(shares) / len(shares):.4f}, least {min(shares):.4f}")
    return min(shares)


def main() -> None:
    """Prints what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--encoder", default=settings().kind)
    parser.add_argument("--indicators", type=int)
    chosen = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    asked = replace(settings(), kind=chosen.encoder)
    if chosen.indicators:
        setattr(encoder, "load", lambda given: None if given.kind == "none" else StandIn())  # noqa: B010
    with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / "library", asked) as library:
        if chosen.indicators:
            _scale(library, chosen.indicators)
        else:
            _judge(library, chosen.choose, Path(folder))


def _judge(library: Library, choose: bool, folder: Path) -> None:
    from counties import recorded

    real = [one for name in ("seed", "examples") for one in recorded(name)]
    pairs = judged()
    library.import_declarations([*real, *(form for pair in pairs for form in pair)])
    for same in THRESHOLDS if choose else (gathering.SAME,):
        gathering.SAME = same
        _say(f"SAME {same}", counted(Catalogue(compute(library), ()), pairs))
    if not choose:
        with Library(folder / "real", library.settings) as other:
            other.import_declarations(real)
            stability(other)


def _say(what: str, counts: Counter[tuple[int, bool, str]]) -> None:
    for half, name in enumerate(("looked at", "held out")):
        precision, recall, either = precision_and_recall(counts, half)
        print(f"{what}, {name}: precision {precision:.3f} recall {recall:.3f}, with proposals {either:.3f}", end="   ")
        print(
            {f"{'same' if same else 'not'} {told}": n for (at, same, told), n in sorted(counts.items()) if at == half}
        )


def _scale(library: Library, size: int) -> None:
    library.projections._graph = NoGraph()  # type: ignore[assignment]
    for part in _parts(list(declarations(size)), 2000):
        library.import_declarations(part)
    for what in ("first", "after one form more"):
        with uses(library):
            """The wordings are read before, as suggestions need them too."""
        clock, processor = time.perf_counter(), time.process_time()
        found = catalogue(library)
        taken = f"{time.perf_counter() - clock:.1f} s, of the processor {time.process_time() - processor:.1f} s"
        print(f"{what}: {library.words.count:,} indicators, {len(found):,} concepts, {taken}", flush=True)
        library.import_declarations(
            [declaration("云岭县计量所", "量子钟购置", 2023, [("质量指标", "走时误差", "≤1%")])]
        )
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB")


def _parts(items: list[Declaration], size: int) -> Iterable[list[Declaration]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


if __name__ == "__main__":
    main()
