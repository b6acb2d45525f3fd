"""What the text side is fed: encoder settings, lexicon, synonyms, stop words, judgements. Data only."""
