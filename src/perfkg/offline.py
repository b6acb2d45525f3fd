"""A process without a network: what reads hostile files or evaluates foreign queries has no way out."""

from __future__ import annotations

import sys

_NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000


def leave_network() -> bool:
    """Takes this process and what it starts off every network; whether the system let it.

    On Linux alone, by a network namespace of its own, and before the process has a second thread. Elsewhere, or where
    the system forbids it, the caller's other guards stand alone.
    """
    if sys.platform != "linux":
        return False
    import ctypes

    left: int = ctypes.CDLL(None).unshare(_NEW_USER_AND_NETWORK)
    return left == 0
