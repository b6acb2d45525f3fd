"""Web pages packed into one file (MHTML, as Word and budget systems save them under .doc and .xls) → the grids of its pages."""

from __future__ import annotations

from email import message_from_bytes, policy

from perfkg.errors import InvalidFile
from perfkg.reading import html, limits
from perfkg.reading.grid import Grid

_MOST_PAGES = 300


def is_mht(text: str) -> bool:
    """Whether a text begins with the headings of such a file."""
    lines = text.lstrip()[:2000].lower().splitlines()[:20]
    return bool(lines) and ":" in lines[0] and any(line.startswith("mime-version:") for line in lines)


def grids(data: bytes) -> tuple[Grid, ...]:
    """The grids of its pages, in order; what they show beside text is left out. InvalidFile if there is no page."""
    found: list[Grid] = []
    pages = 0
    for part in message_from_bytes(data, policy=policy.compat32).walk():
        content = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
        if isinstance(content, bytes):
            pages += 1
            limits.step()
            if pages > _MOST_PAGES:
                raise InvalidFile(f"网页文件里的页面超过{_MOST_PAGES}个", advice="请拆分成几个文件后再导入")
            found += html.grids(content, part.get_content_charset())
    if not pages:
        raise InvalidFile("单个文件网页（MHT）里没有网页", advice="请另存为 .docx、.xlsx 或文本后再导入")
    return tuple(found)
