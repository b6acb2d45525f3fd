"""The console script `perfkg`. Each command reads its arguments, calls the library and prints; nothing is decided here.

Exit 0: done. Exit 1: something in the input was refused, said on standard error, the rest done. Exit 2: wrong use.
"""

from perfkg.cli import catalogue, checking, files, housekeeping, questions
from perfkg.cli.console import main

__all__ = ["catalogue", "checking", "files", "housekeeping", "main", "questions"]
