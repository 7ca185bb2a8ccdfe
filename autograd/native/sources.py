"""Which sources the library is built from, so that one of other sources is noticed."""

from binascii import crc32
from os import path


def digest() -> int:
    """Return a number that is another as soon as one of the sources is.

    Raises
    ------
    OSError
        If they are not here.
    """
    found, folder = 0, path.dirname(__file__)
    for name in ("layer.c", "memory.c", "rules.h", "sweep.c", "value.c", "value.h"):
        with open(path.join(folder, name), "rb") as file:
            found = crc32(file.read(), found)
    return found & 0x7FFFFFFF  # what a C long has room for everywhere
