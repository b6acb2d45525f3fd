"""x"""

from perfkg.reading.grid import Grid


def grids(data: bytes) -> tuple[Grid, ...]:
    """x"""
    return ()
