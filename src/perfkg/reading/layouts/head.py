"""The head of a form: labels with what stands beside or below them, and the money block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from perfkg.reading.layouts import looks, money, words
from perfkg.reading.layouts.pieces import Line, Piece, filled
from perfkg.reading.layouts.tables import is_title
from perfkg.records import Funding, Repair
from perfkg.text import squeeze

_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
_YEAR_HEADING = re.compile(
    rf"[(\[]?(?:\d{{1,2}}月)?(20[0-4]\d)年?(?:年度|度|财年)?[)\]]?(?:\(?(?:金额|货币)?单位:(?:人民币)?(?:{money.NAMED})\)?)?"
)
_DIGITS = "〇一二三四五六七八九"
_IN_WORDS = re.compile(rf"二[〇零○O][{_DIGITS}零○O]{{2}}(?=年)")
_PROSE = {"objective", "term_objective", "achieved"}
_WHOSE = ("organization", "department", "implementer")
_UNREAD = ("label", "title", "year")
_UNKEPT = ("other", "achieved", "parent_project")
_BUDGET = ("全年预算数", "调整后预算数", "全年(调整)预算数", "预算数", "年初预算数", "年初预算", "预算金额", "金额")
_SUMS = {"合计", "金额合计", "总计", "预算合计", "资金合计"}
_SUMMED = re.compile(r"^\([一二三四五六]\)")


@dataclass(slots=True)
class Head:
    """What the head says: pieces by label, amounts by money word, the rest; `roles` says what each piece is.

    `other_titles` and `other_roles` are those of other parts of the file.
    """

    titles: list[Piece] = field(default_factory=list)
    values: dict[str, list[Piece]] = field(default_factory=dict)
    amounts: list[tuple[str, Piece, list[Piece]]] = field(default_factory=list)
    money_heads: list[Piece] = field(default_factory=list)
    roles: dict[Piece, str] = field(default_factory=dict)
    year: int | None = None
    other_titles: list[Piece] = field(default_factory=list)
    other_roles: dict[Piece, str] = field(default_factory=dict)

    def share(self, other: Head) -> None:
        """Takes over what another head says for all: title, year, unit of the amounts, and whose they are."""
        self.titles = self.titles or other.titles
        self.year = self.year or other.year
        self.money_heads.extend(piece for piece in other.money_heads if money.unit_of(piece.text))
        for role in _WHOSE:
            if role in other.values:
                self.values.setdefault(role, other.values[role])

    def complete(self, other: Head) -> None:
        """Takes over whose the form is and its year where only another part of the file says so; nothing else."""
        self.year = self.year or other.year
        self.other_titles.extend(other.titles)
        taken = {piece for role in _WHOSE if role not in self.values for piece in other.values.get(role, ())}
        for role in _WHOSE:
            if role in other.values:
                self.values.setdefault(role, other.values[role])
        for piece, role in other.roles.items():
            self.other_roles[piece] = role if piece in taken or role in _UNREAD else "leftover"

    def name_project(self, caption: Piece) -> None:
        """Takes a caption for the project's name."""
        self.values.setdefault("project", []).append(caption)
        self.roles[caption] = "project"

    def text(self, role: str) -> str | None:
        """The text beside a label, or None."""
        text = ""
        before: Piece | None = None
        for piece in self.values.get(role, ()):
            text += (" " if before.place == piece.place else "\n") if before else ""
            text, before = text + piece.text, piece
        return text or None


@dataclass(slots=True)
class _Label:
    """A label that waits for what belongs to it."""

    piece: Piece
    role: str
    group: str


def read(parts: Iterable[Iterable[Line]]) -> Head:
    """The head from the lines before, between and below the indicator tables; no label waits over a table."""
    head = Head()
    for lines in parts:
        waiting: list[_Label] = []
        for line in lines:
            waiting = _line(head, list(filled(line)), waiting)
    return head


def _line(head: Head, pieces: Sequence[Piece], waiting: list[_Label]) -> list[_Label]:
    """Reads one line; gives the labels that still wait for the lines below."""
    if _is_itemized(waiting, pieces):
        _item(head, waiting, pieces)
        return waiting
    labels: list[_Label] = []
    texts: list[Piece] = []
    for piece in pieces:
        label = _label(head, piece)
        if label:
            labels.append(label)
            head.roles[piece] = "label"
        elif _is_heading(head, piece):
            continue
        elif labels:
            _give(head, labels[-1], piece)
        else:
            texts.append(piece)
    _below(head, waiting, texts)
    empty = [label for label in labels if not _has_value(head, label)]
    if labels:
        return _stacked(waiting, empty) if not texts else empty
    return waiting


def _is_itemized(waiting: Sequence[_Label], pieces: Sequence[Piece]) -> bool:
    """Whether the line is a row of a table of tasks and their money: a name, then amounts below the waiting headings."""
    heads = [label for label in waiting if label.group == "money" and label.role not in ("", "columns")]
    numbers = [piece for piece in pieces if looks.is_number(piece.text)]
    return len(heads) > 1 and len(numbers) > 1 and pieces[0] not in numbers and not _is_amount(pieces[0])


def _is_amount(piece: Piece) -> bool:
    return words.role("money", piece.text) in ("total", "fiscal", "other")


def _item(head: Head, waiting: Sequence[_Label], pieces: Sequence[Piece]) -> None:
    """The amounts of the sum's row; those of a single task are kept as they stand."""
    summed = words.key(pieces[0].text) in _SUMS
    head.roles[pieces[0]] = "label" if summed else "leftover"
    for piece in pieces[1:]:
        label = next((one for one in waiting if one.piece.column == piece.column), None)
        if summed and label and looks.is_number(piece.text):
            _give_money(head, label, piece)
        else:
            head.roles[piece] = "leftover"


def _label(head: Head, piece: Piece) -> _Label | None:
    role = words.role("money", piece.text)
    if role in ("block", "columns"):
        head.money_heads.append(piece)
        head.roles[piece] = "label"
        return _Label(piece, "", "money") if role == "block" else _Label(piece, "columns", "money")
    if role:
        head.money_heads.append(piece)
        return _Label(piece, role, "money")
    role = words.role("labels", piece.text)
    return _Label(piece, role, "labels") if role else None


def _is_heading(head: Head, piece: Piece) -> bool:
    """Whether the piece is a title or a year standing by itself; it is kept as such."""
    if is_title(piece.text):
        again = any(piece.text in title.text for title in head.titles)
        head.roles[piece] = "title" if again or not head.titles else "leftover"
        head.titles.append(piece)
        return True
    heading = _IN_WORDS.sub(_in_digits, squeeze(piece.text))
    if _YEAR_HEADING.fullmatch(heading):
        found = _YEAR.search(heading)
        head.year = head.year or (int(found.group()) if found else None)
        head.roles[piece] = "year"
        return True
    if money.is_unit_line(piece.text):
        head.money_heads.append(piece)
        head.roles[piece] = "label"
        return True
    if looks.is_placeholder(piece.text) or (len(piece.text) > 1 and words.role("columns", piece.text)):
        head.roles[piece] = "label"
        return True
    return False


def _in_digits(year: re.Match[str]) -> str:
    """二〇二四 → 2024."""
    return "".join(str(max(_DIGITS.find(character), 0)) for character in year.group())


def _has_value(head: Head, label: _Label) -> bool:
    if label.group == "money":
        return any(known is label.piece for _, known, _ in head.amounts)
    return any(head.roles.get(piece) == label.role for piece in head.values.get(label.role, ()))


def _stacked(waiting: list[_Label], empty: list[_Label]) -> list[_Label]:
    """Labels one below the other wait together: 预期目标, 实际完成情况 in two lines, then two texts.

    总体目标 below 中期目标 and 年度目标 is the heading over both.
    """
    roles = [label.role for label in waiting]
    below = [label.role for label in empty]
    if roles[-1:] == ["objective"] and below == ["achieved"]:
        return [*waiting, *empty]
    return waiting if roles == ["term_objective", "objective"] and below == ["objective"] else empty


def _below(head: Head, waiting: list[_Label], texts: Sequence[Piece]) -> None:
    """Gives texts to the labels above them: by column where that decides, else in order from the right."""
    by_column = {label.piece.column: label for label in waiting if label.role not in _PROSE}
    if len(texts) > 1 and len(by_column) == len(waiting) and all(text.column in by_column for text in texts):
        for text in texts:
            _give(head, by_column[text.column], text)
        return
    prose = [label for label in waiting if label.role in _PROSE] or waiting
    objectives = [label for label in waiting if label.role == "objective"]
    for index, text in enumerate(texts):
        same = [label for label in prose if label.piece.column == text.column > 0]
        if not waiting or len(texts) > len(waiting) + 1:
            head.roles.setdefault(text, "leftover")
        elif len(texts) == 1 and (same or objectives):
            _give(head, (same or objectives)[-1], text)
        elif len(prose) >= len(texts):
            _give(head, prose[len(prose) - len(texts) + index], text)
        else:
            _give(head, prose[-1], text)


def _give(head: Head, label: _Label, piece: Piece) -> None:
    """Puts a text under its label; a second text under a label that holds one is left over, unless it is prose."""
    if label.group == "money":
        _give_money(head, label, piece)
        return
    known = head.values.setdefault(label.role, [])
    if (
        known
        and known[-1].place == piece.place
        and known[-1].start < piece.start
        and head.roles[known[-1]] != "leftover"
    ):
        known.append(piece)
        head.roles[piece] = label.role
        return
    number_in_prose = label.role in _PROSE and looks.is_number(piece.text)
    if number_in_prose or (known and label.role not in _PROSE) or label.role in _UNKEPT:
        head.roles[piece] = "leftover"
        if not known and label.role in _UNKEPT:
            known.append(piece)
        return
    known.append(piece)
    head.roles[piece] = label.role


def _give_money(head: Head, label: _Label, piece: Piece) -> None:
    head.roles[piece] = "funding"
    for _, known, texts in head.amounts:
        if known is label.piece:
            texts.append(piece)
            return
    head.amounts.append((label.role, label.piece, [piece]))


def funding(head: Head) -> tuple[Funding, list[Repair], list[str]]:
    """The money block in yuan, with what had to be supposed."""
    notes: list[str] = []
    repairs: list[Repair] = []
    unit = next((unit for piece in head.money_heads if (unit := money.unit_of(piece.text))), None)
    unit = unit or next((unit for piece in head.roles if (unit := money.unit_of(piece.text))), None)
    column = _budget_column(head)
    found: dict[str, float | None] = {}
    defaulted = False
    glued = next(
        (one for _, _, texts in head.amounts for text in texts if (one := money.run_together(text.text))), None
    )
    for role, label, texts in _of_the_year(head):
        amount, named = _amount(label, texts, column, unit)
        if glued and texts and _holds_twice(texts[0].text, glued):
            amount, named = money.yuan(glued, money.unit_of(label.text) or unit or "万元"), unit is not None
        defaulted |= amount is not None and not named
        if role in ("total", "fiscal", "other") and found.get(role) is None:
            found[role] = amount
    if found.get("total") is None and (stated := _stated(head, unit)) is not None:
        found["total"] = stated
    if glued:
        repairs.append(Repair("amounts-run-together", "预算数、执行数和执行率连在一起，按执行率100%分开", after=glued))
    if defaulted and any(found.values()):
        notes.append("资金没有注明单位，按万元理解")
    if found.get("total") is None and (total := _summed(head, unit)) is not None:
        found["total"] = total
        repairs.append(Repair("total-summed", "年度资金总额一格没有数字，按各分项小计相加", after=f"{total:.2f}元"))
    return Funding(found.get("total"), found.get("fiscal"), found.get("other"), _written(head)), repairs, notes


def _holds_twice(text: str, amount: str) -> bool:
    """Whether the cell is the amount twice, as budget and as spent, be there a rate behind or not."""
    return money.run_together(text) == amount or squeeze(text) == amount * 2


def _of_the_year(head: Head) -> list[tuple[str, Piece, list[Piece]]]:
    """The amounts without those of the medium term, which stand before the year's of the same line."""
    if not any(words.role("money", piece.text) == "term" for piece in head.money_heads):
        return head.amounts
    last = {(piece.line, words.role("money", piece.text)): piece for piece in head.money_heads}
    return [amount for amount in head.amounts if last.get((amount[1].line, amount[0]), amount[1]) is amount[1]]


def _budget_column(head: Head) -> tuple[int, int] | None:
    """Which of several amounts in a line is the budget: (its grid column, its rank), from the headings above."""
    headings = [piece for piece in head.money_heads if words.role("money", piece.text) == "columns"]
    for word in _BUDGET:
        for rank, piece in enumerate(headings):
            if words.key(piece.text) == word:
                return piece.column, rank
    return None


def _amount(
    label: Piece, texts: Sequence[Piece], column: tuple[int, int] | None, unit: str | None
) -> tuple[float | None, bool]:
    """The amount meant among `texts`, in yuan, and whether its unit is stated anywhere."""
    own = money.unit_of(label.text) or unit
    if not texts:
        return None, True
    chosen = texts[0]
    if column and len(texts) > 1:
        below = [piece for piece in texts if piece.column == column[0]]
        chosen = below[0] if len(below) == 1 else texts[min(column[1], len(texts) - 1)]
    amount = money.yuan(chosen.text, own or "万元")
    return amount, bool(own) or "元" in chosen.text or "万" in chosen.text


def _stated(head: Head, unit: str | None) -> float | None:
    """The one amount beside or below 预算金额 and the like, which elsewhere are headings over several; or the sum's."""
    alone = [
        (label, texts[0])
        for role, label, texts in head.amounts
        if texts and (_is_alone(role, label, texts) or words.key(label.text) in _SUMS)
    ]
    rank = {word: place for place, word in enumerate(_BUDGET)}
    best = min(alone, key=lambda one: rank.get(words.key(one[0].text), len(rank)), default=None)
    return money.yuan(best[1].text, money.unit_of(best[0].text) or unit or "万元") if best else None


def _is_alone(role: str, label: Piece, texts: Sequence[Piece]) -> bool:
    """Whether the amount is the only one that belongs to a label of the block or of a column of budgets."""
    first = texts[0]
    if role == "":
        return len(texts) == 1 and first.line == label.line and money.is_amount(first.text)
    follows = label.text.rstrip().endswith((":", "：")) or (len(texts) == 1 and first.column == label.column)
    below = first.line == label.line + 1 and follows
    beside = len(texts) == 1 and first.line == label.line
    return role == "columns" and words.key(label.text) in _BUDGET and (below or beside)


def _summed(head: Head, unit: str | None) -> float | None:
    """The sum of the parts (一), (二), (三) where the total is left empty."""
    parts = [
        money.yuan(texts[0].text, money.unit_of(label.text) or unit or "万元")
        for _, label, texts in head.amounts
        if _SUMMED.match(squeeze(label.text)) and texts
    ]
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _written(head: Head) -> str | None:
    """The amounts with their labels as written."""
    rows = [f"{label.text.rstrip('：: ')}：{' '.join(text.text for text in texts)}" for _, label, texts in head.amounts]
    return "；".join(rows) or None
