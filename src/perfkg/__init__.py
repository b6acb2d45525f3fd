"""perfkg: a knowledge graph of budget performance declarations, searched by meaning."""

__version__ = "0.1.0"
