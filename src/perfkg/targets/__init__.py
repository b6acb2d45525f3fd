"""指标值 → comparable facts: comparator, number and unit, period, frequency, or what kind of words they are.

    read(value, name, year) gives the Targets of a value,
    canonical(target) its number in the unit all of its dimension are compared in.

The way of a value: `folding` makes one spelling of it; `scanning` finds numbers (`numerals`, `expressions`,
`measures`), dates (`periods`) and signs (`comparators`) and passes over `names`; `facts` shares the text out
and adds `labels` and `kinds`. What stands beside the value is `context`. Units are data: graph/units.ttl.
"""

from perfkg.targets.reader import read
from perfkg.targets.units import Canonical, canonical, comparable

__all__ = ["Canonical", "canonical", "comparable", "read"]
