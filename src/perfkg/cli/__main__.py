"""Lets `python -m perfkg.cli` stand in for the console script."""

from perfkg.cli import main

main(prog_name="perfkg")
