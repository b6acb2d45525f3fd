"""Do the rules say of the seed's forms what a reviewer said by hand? `tests/cases/review_seed.jsonl` against the code.

    python benchmarks/review.py

Prints, a rule at a time: how many of the expected findings are found, and every failure that nobody expected. Only
the forms' own rules run; those that need a library are measured by the tests.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from perfkg.reading import read
from perfkg.records import Finding
from perfkg.review import review

ROOT = Path(__file__).parents[1]
SEED = ROOT.parent / "shared" / "seed" / "yanbian_2021.txt"
CASES = ROOT / "tests" / "cases" / "review_seed.jsonl"


def main() -> None:
    expected: Counter[str] = Counter()
    found: Counter[str] = Counter()
    surprises = []
    for case, declaration in zip(map(json.loads, CASES.read_text("utf-8").splitlines()), read(SEED), strict=True):
        findings = review(declaration).findings
        wanted = {(one["rule"], one["line"]) for one in case["expected"] if one["verdict"] == "fail"}
        for one in case["expected"]:
            expected[one["rule"]] += 1
            if any(fits(one, finding) for finding in findings):
                found[one["rule"]] += 1
            else:
                print(f"not found: form {case['form']} {one['rule']} {one['verdict']} {one['line'] or ''} {one['why']}")
        surprises += [
            f"form {case['form']} {finding.rule} {finding.place.line or ''} {finding.message} | {finding.quote or ''}"
            for finding in findings
            if finding.verdict == "fail" and (finding.rule, finding.place.line) not in wanted
        ]
    print(*(f"unexpected: {one}" for one in surprises), sep="\n")
    for rule, count in expected.items():
        print(f"{rule:20} {found[rule]:4} of {count}")
    print(f"{'all':20} {found.total():4} of {expected.total()}, {len(surprises)} failures nobody expected")


def fits(wanted: dict[str, object], finding: Finding) -> bool:
    """Whether a finding says what was expected: its rule and verdict, and its line where one is named."""
    same = (finding.rule, finding.verdict) == (wanted["rule"], wanted["verdict"])
    return same and wanted["line"] in (None, finding.place.line)


if __name__ == "__main__":
    main()
