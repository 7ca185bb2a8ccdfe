"""Trains, evaluates and uses a classifier from the command line: ``python -m nn``."""

import io
import sys

from nn.command.program import main

if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A class may have a name that the terminal's encoding cannot express.
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
