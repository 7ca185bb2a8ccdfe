"""How formulas are written: one printer for each language, which knows its functions once."""
