"""The two indexes of search: words (lexical) and vectors (dense). Projections of the ledger, rebuilt at will."""
