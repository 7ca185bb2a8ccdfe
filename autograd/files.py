"""Files: written whole or not at all, however many write at once and whenever one is killed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # on Windows, which deletes no file that is open
    fcntl = None  # type: ignore[assignment]  # Windows has none

PREFIX, SUFFIX = ".glassgrad-", ".tmp"  # of temporaries; between them stands what chance gives
LARGEST = 1 << 29  # bytes of a file that is read: half a gibibyte
CHUNK = 1 << 20
TRIES = 100  # of one write, where others take its temporary for a left-over
KINDS = (
    (stat.S_ISDIR, errno.EISDIR, "it is a folder"),
    (stat.S_ISCHR, errno.EINVAL, "it is a device, and only a file can be replaced"),
    (stat.S_ISBLK, errno.EINVAL, "it is a device, and only a file can be replaced"),
    (stat.S_ISFIFO, errno.EINVAL, "it is a pipe, and only a file can be replaced"),
    (stat.S_ISSOCK, errno.EINVAL, "it is a socket, and only a file can be replaced"),
)

Name = str | os.PathLike[str]


def write(path: Name, content: str | bytes) -> None:
    """Write a file under another name first, so that every reader sees the old one or the new.

    Links are followed, and a file that was there keeps its mode, and its owner where the system
    lets it. What killed writers left in the folder is removed.

    Parameters
    ----------
    path : path
        The file, or what will be one.
    content : str or bytes
        The whole of it; a text is written as UTF-8.

    Raises
    ------
    OSError
        If it cannot be written, or is a folder, a device, a pipe, a socket or write-protected. A
        file that was there is then still there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(f"{folder}/note.txt", "whole")
    ...     read(f"{folder}/note.txt"), os.listdir(folder)
    (b'whole', ['note.txt'])
    """
    _write(path, content.encode() if isinstance(content, str) else content, keep=True)


def read(path: Name, most: int = LARGEST) -> bytes:
    """Return the content of a file, unless it is larger than any file that is meant.

    Parameters
    ----------
    path : path
        A file; or a pipe or device, which is read to its end, or till it has given too much.
    most : int
        The bytes that it may have.

    Raises
    ------
    OSError
        If it cannot be read, or is larger.

    Examples
    --------
    >>> read(os.devnull)
    b''
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        data = bytearray()
        while size <= most and (part := file.read(CHUNK)):
            data += part
            size = max(size, len(data))
    if size > most:
        raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", os.fspath(path))
    return bytes(data)


def check(path: Name, room: int = 4096) -> None:
    """Raise the error now that `write` of so many bytes would raise; nothing is changed.

    Raises
    ------
    OSError
        As `write` does.

    Examples
    --------
    >>> check(os.devnull)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    OSError: [Errno 22] it is a device, and only a file can be replaced: '...'
    """
    _write(path, bytes(room), keep=False)


def _write(path: Name, data: bytes, keep: bool) -> None:
    """Write a temporary, and put it in the place of a file if it is to be kept."""
    path = os.fspath(path) or os.curdir
    old, target = _replaceable(path), os.path.realpath(path)
    folder = os.path.dirname(target)
    try:
        _remove_left_overs(folder)
        for left in reversed(range(TRIES)):
            try:
                with _temporary(folder, old) as (file, name):
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                    if fcntl is None:
                        file.close()  # nothing that is open can be renamed there
                    if keep:
                        os.replace(name, target)
                        _sync(folder)
                return
            except FileNotFoundError:  # removed by one that cannot see our lock, or no folder
                if not left or not os.path.isdir(folder):
                    raise
    except OSError as error:  # about the file, not about its temporary
        raise OSError(error.errno, error.strerror or str(error), path) from error


def _replaceable(path: str) -> os.stat_result | None:
    """Return what is known of the file at a path, or None; an error if it may not be replaced."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    for is_kind, number, what in KINDS:
        if is_kind(found.st_mode):
            raise OSError(number, what, path)
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it is write-protected", path)
    return found


@contextmanager
def _temporary(folder: str, old: os.stat_result | None) -> Iterator[tuple[BinaryIO, str]]:
    """Open a new file under a name of chance; it is locked until it is closed, and then removed."""
    name = os.path.join(folder, f"{PREFIX}{os.urandom(8).hex()}{SUFFIX}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # The mode of a new file is the system's affair: to ask for the umask is to change it.
    handle = os.open(name, flags, 0o666 if old is None else 0o600)
    with os.fdopen(handle, "wb") as file:
        try:
            if fcntl is not None:
                with suppress(OSError):  # a place without locks: then there is `TRIES`
                    fcntl.flock(handle, fcntl.LOCK_EX)
            if old is not None and os.name == "posix":
                _take_after(handle, old)
            yield file, name
        finally:
            if fcntl is None:
                with suppress(OSError):  # what could not be written cannot be flushed either
                    file.close()
            with suppress(FileNotFoundError):
                os.unlink(name)


def _take_after(handle: int, old: os.stat_result) -> None:
    """Give a file the owner and the mode of another, as far as the system lets it."""
    mode = stat.S_IMODE(old.st_mode)
    for owner in (old.st_uid, -1):  # none but root gives a file away, but to a group of one's own
        with suppress(OSError):
            os.fchown(handle, owner, old.st_gid)
            break
    else:
        mode &= ~stat.S_IRWXG  # what its group might do is not for another group
    os.fchmod(handle, mode)


def _remove_left_overs(folder: str) -> None:
    """Remove temporaries that no living writer holds a lock on, or has open."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and entry.name.endswith(SUFFIX):
                with suppress(OSError):
                    _remove_if_left(entry.path)


def _remove_if_left(name: str) -> None:
    """Remove a temporary; OSError if a living writer has it."""
    if fcntl is None:
        os.unlink(name)
        return
    handle = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(name)  # while it is locked: a writer that comes to lock it finds it gone
    finally:
        os.close(handle)


def _sync(folder: str) -> None:
    """Have the new name of a file outlive a loss of power, where folders can be synchronised."""
    if os.name != "posix":
        return
    with suppress(PermissionError):  # a folder that may be written, but not be read
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(handle)
