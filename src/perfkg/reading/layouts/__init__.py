"""From a grid to declarations: one engine for all layouts, fed by the words in `words.toml`."""

from perfkg.reading.layouts.forms import UNREADABLE, Form, Traced, read
from perfkg.reading.layouts.sheets import joined

__all__ = ["UNREADABLE", "Form", "Traced", "joined", "read"]
