"""The command line: ``python -m nn``."""
