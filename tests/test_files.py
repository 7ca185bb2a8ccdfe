"""Files: what is written is there whole, or what was there still is; for each kind of file."""

from __future__ import annotations

import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import nn
from autograd import Value, draw, files
from autograd.display import step

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX has these files")
root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root makes devices and gives files away"
)
LINUX = sys.platform == "linux"


def picture(path: Path) -> None:
    draw(Value(2.0) * 3.0).save(path)


def steps(path: Path) -> None:
    step(Value(2.0) * 3.0).save(path)


def model(path: Path) -> None:
    nn.save(nn.Neuron(1), path)


def checkpoint(path: Path) -> None:
    neuron = nn.Neuron(1)
    optimiser = nn.optim.SGD(neuron.parameters(), lr=0.1)
    nn.fit(neuron, nn.losses.mse, [[1.0]], [1.0], optimiser, 1, progress=False, checkpoint=path)


WRITERS = [("a.svg", picture), ("a.html", steps), ("a.json", model), ("a.json", checkpoint)]
writers = pytest.mark.parametrize(
    ("name", "save"), WRITERS, ids=lambda x: getattr(x, "__name__", x)
)
Save = Callable[[Path], None]


def left(folder: Path) -> list[str]:
    """Return the names of the temporaries in a folder."""
    return [name for name in os.listdir(folder) if name.startswith(files.PREFIX)]


# --- what is no file stays as it is --------------------------------------------------------------


def fifo(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))  # another /dev/null
    except PermissionError:
        pytest.skip("this system lets nobody make a device")


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


OTHERS = [
    (fifo, stat.S_ISFIFO, "it is a pipe"),
    pytest.param(device, stat.S_ISCHR, "it is a device", marks=root),
    (unix_socket, stat.S_ISSOCK, "it is a socket"),
    (os.mkdir, stat.S_ISDIR, "it is a folder"),
]


@posix
@pytest.mark.parametrize(("make", "is_kind", "message"), OTHERS)
@pytest.mark.parametrize("linked", [False, True], ids=["itself", "through a link"])
@writers
def test_what_is_no_file_is_refused_by_name_and_stays(
    tmp_path: Path, name: str, save: Save, make: Save, is_kind: Callable[[int], bool],
    message: str, linked: bool,
) -> None:  # fmt: skip
    thing = path = tmp_path / name
    if linked:
        thing = tmp_path / "thing"
        path.symlink_to(thing)
    make(thing)
    with pytest.raises(OSError, match=f"{message}.*{name}"):
        save(path)
    assert is_kind(os.stat(thing).st_mode)
    assert path.is_symlink() == linked
    assert left(tmp_path) == []


def test_the_systems_own_device_is_refused() -> None:
    with pytest.raises(OSError, match="it is a device" if os.name == "posix" else ""):
        files.write(os.devnull, "lost")


# --- a link, a mode, an owner stay ---------------------------------------------------------------


@posix
@writers
def test_a_link_is_followed_and_the_mode_stays(tmp_path: Path, name: str, save: Save) -> None:
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "real", tmp_path / name
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(tmp_path / "further")
    (tmp_path / "further").symlink_to(Path("there", "real"))
    save(link)
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") != "old"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert left(real.parent) == left(tmp_path) == []


@posix
def test_a_link_to_nothing_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new")
    files.write(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "new").read_text() == "text"


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o660, 0o777, 0o620])
def test_every_mode_stays(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)
    files.write(path, "text")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@root
def test_the_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    os.chown(path, 12345, 54321)
    path.chmod(0o4640)
    files.write(path, "text")
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 54321, 0o4640)


@root
def test_a_group_that_cannot_stay_leaves_no_rights_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError(errno.EPERM, "not the owner")

    path = tmp_path / "file"
    path.touch()
    path.chmod(0o664)
    os.chown(path, 12345, 54321)
    monkeypatch.setattr(os, "fchown", refuse)
    files.write(path, "text")
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (0, os.getegid(), 0o604)


@posix
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002, 0o000])
def test_a_new_file_has_the_mode_that_open_would_give_it(tmp_path: Path, umask: int) -> None:
    code = "import os, sys; from autograd import files; os.umask(int(sys.argv[1])); os.umask = None"
    script = f"{code}; files.write('ours', 'x'); open('theirs', 'w').close()"
    subprocess.run([sys.executable, "-c", script, str(umask)], cwd=tmp_path, check=True)
    ours, theirs = (stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ours", "theirs"))
    assert ours == theirs == 0o666 & ~umask


@posix
def test_a_write_protected_file_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everything
    with pytest.raises(PermissionError, match="it is write-protected"):
        files.write(path, "new")
    assert path.read_text() == "old"


# --- what the system refuses ---------------------------------------------------------------------


@posix
@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("itself", errno.ELOOP),
        ("n" * 300, errno.ENAMETOOLONG),
        ("no/such/file", errno.ENOENT),
        ("file/below", errno.ENOTDIR),
        ("", errno.EISDIR),
        ("/", errno.EISDIR),
    ],
)
def test_a_path_that_cannot_be_is_an_error_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, number: int
) -> None:
    monkeypatch.chdir(tmp_path)
    os.symlink("itself", "itself")
    Path("file").touch()
    for attempt in (files.write, lambda path, _: files.check(path)):
        with pytest.raises(OSError, match=r"\[Errno") as caught:
            attempt(path, "text")
        assert (caught.value.errno, caught.value.filename) == (number, path or ".")
    assert sorted(os.listdir()) == ["file", "itself"]


def test_a_name_as_long_as_names_may_be_is_written(tmp_path: Path) -> None:
    files.write(tmp_path / ("n" * 255), "text")
    assert (tmp_path / ("n" * 255)).read_text() == "text"


FAILURES = [  # the n-th call of what fails, and what a reader then sees
    ("open", 1, "old"), ("fchmod", 1, "old"), ("fsync", 1, "old"), ("replace", 1, "old"),
    ("open", 2, "new"), ("fsync", 2, "new"),
]  # fmt: skip


@posix
@pytest.mark.parametrize(("function", "nth", "seen"), FAILURES)
def test_whatever_fails_the_file_is_whole_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, nth: int, seen: str
) -> None:
    path, calls, real = tmp_path / "file", [], getattr(os, function)
    path.write_text("old")

    def failing(*args: object) -> object:
        calls.append(args)
        if len(calls) == nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(os, function, failing)
        with pytest.raises(OSError, match="No space left") as caught:
            files.write(path, "new")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert path.read_text() == seen
    assert left(tmp_path) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the device that is full is Linux's")
@pytest.mark.parametrize("locks", [True, False])
def test_a_disk_that_is_full_for_every_byte_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locks: bool
) -> None:
    """Each write and each flush fails, as on the device that is always full."""
    (tmp_path / "file").write_text("old")
    real = os.fdopen

    def full(handle: int, mode: str) -> object:
        with open("/dev/full", "wb", buffering=0) as device:
            os.dup2(device.fileno(), handle)
        return real(handle, mode)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdopen", full)
        patched.setattr(files, "_take_after", lambda handle, old: None)
        if not locks:
            patched.setattr(files, "fcntl", None)
        for size in (1, 100_000):
            with pytest.raises(OSError, match="No space left") as caught:
                files.write(tmp_path / "file", bytes(size))
            assert caught.value.filename == str(tmp_path / "file")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_check_changes_nothing(tmp_path: Path) -> None:
    files.check(tmp_path / "new")
    assert os.listdir(tmp_path) == []
    (tmp_path / "old").write_text("old")
    files.check(tmp_path / "old")
    assert (tmp_path / "old").read_text() == "old"


def test_file_and_folder_are_synchronised_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes reach the disk before the name does, and the name before `write` returns."""
    calls = []
    real = {name: getattr(os, name) for name in ("fsync", "replace")}

    def fsync(handle: int) -> None:
        calls.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        real["fsync"](handle)

    def replace(*names: str) -> None:
        calls.append("replace")
        real["replace"](*names)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    files.write(tmp_path / "file", "text")
    assert calls == ["file", "replace", *["folder"] * (os.name == "posix")]


# --- many writers, and killed ones ---------------------------------------------------------------

SIZE = 200_000


def texts(writer: int) -> bytes:
    """Return what one writer writes: all of it the same."""
    return bytes([65 + writer]) * SIZE


def test_threads_write_one_file_while_others_read_it(tmp_path: Path) -> None:
    path, errors, reads, done = tmp_path / "file", [], [], threading.Event()
    files.write(path, texts(0))

    def writing(writer: int) -> None:
        try:
            for _ in range(60):
                files.write(path, texts(writer))
        except OSError as error:
            errors.append(error)

    def reading() -> None:
        while not done.is_set():
            reads.append(path.read_bytes())

    reader = threading.Thread(target=reading)
    threads = [threading.Thread(target=writing, args=[i]) for i in range(4)]
    reader.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    assert errors == []
    assert reads
    assert set(reads) <= {texts(i) for i in range(4)}
    assert os.listdir(tmp_path) == ["file"]


WRITER = """
import sys
from autograd import files
content = bytes([65 + int(sys.argv[1])]) * {size}
print("ready", flush=True)
while True:
    files.write("file", content)
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Start processes that write one file again and again; those that are left are killed."""
    started = []

    def start(writer: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WRITER.format(size=SIZE), str(writer)]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout
        process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


@posix
def test_a_kill_at_any_moment_leaves_a_whole_file_and_the_next_write_cleans_up(
    tmp_path: Path, start: Callable[[int], subprocess.Popen[bytes]]
) -> None:
    files.write(tmp_path / "file", texts(9))
    survivor = start(3)
    for i in range(6):
        process = start(i % 3)
        time.sleep(0.003 * i)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (tmp_path / "file").read_bytes() in {texts(i) for i in (0, 1, 2, 3, 9)}
    assert survivor.poll() is None  # what others removed was none of its own
    survivor.kill()
    survivor.wait()
    (tmp_path / f"{files.PREFIX}0123456789abcdef{files.SUFFIX}").touch()
    files.write(tmp_path / "file", "last")
    assert os.listdir(tmp_path) == ["file"]


@posix
def test_a_living_writers_temporary_stays_and_a_dead_ones_goes(tmp_path: Path) -> None:
    with files._temporary(str(tmp_path), None) as (_, living):
        dead = tmp_path / f"{files.PREFIX}0123456789abcdef{files.SUFFIX}"
        dead.touch()
        own = tmp_path / f"{files.PREFIX}notes.txt"
        own.touch()
        files.write(tmp_path / "file", "text")
        assert sorted(os.listdir(tmp_path)) == sorted([Path(living).name, own.name, "file"])


@posix
def test_what_bears_the_name_of_a_temporary_and_is_no_file_stays(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    names = [f"{files.PREFIX}{what}{files.SUFFIX}" for what in ("link", "pipe", "folder")]
    (tmp_path / names[0]).symlink_to("precious")
    os.mkfifo(tmp_path / names[1])
    (tmp_path / names[2]).mkdir()
    files.write(tmp_path / "file", "text")
    assert sorted(os.listdir(tmp_path)) == sorted([*names, "file", "precious"])


@pytest.mark.parametrize("rounds", [1, 5])
def test_a_writer_whose_temporary_is_taken_away_writes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    """Where another host does not see the lock, it may take the temporary for a left-over."""
    real, calls = os.replace, []

    def replace(name: str, target: str) -> None:
        calls.append(name)
        if len(calls) <= rounds:
            os.unlink(name)
        real(name, target)

    monkeypatch.setattr(os, "replace", replace)
    files.write(tmp_path / "file", "text")
    assert (tmp_path / "file").read_text() == "text"
    assert len(set(calls)) == rounds + 1


@pytest.mark.parametrize("broken", ["none", "failing"])
def test_without_locks_it_writes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """As on Windows, which has no fcntl, and on file systems that know no locks."""
    if broken == "none":
        monkeypatch.setattr(files, "fcntl", None)
    elif files.fcntl is not None:

        def flock(*_: int) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(files.fcntl, "flock", flock)
    dead = tmp_path / f"{files.PREFIX}0123456789abcdef{files.SUFFIX}"
    dead.touch()
    files.write(tmp_path / "file", "text")
    files.write(tmp_path / "file", "again")
    assert (tmp_path / "file").read_text() == "again"
    # Without a lock nobody knows whether a writer lives; with none at all, an open file says so.
    assert dead.exists() == (broken == "failing")


def test_what_is_written_is_an_exact_copy(tmp_path: Path) -> None:
    content = bytes(range(256)) + b"\r\n\n\r"
    files.write(tmp_path / "file", content)
    assert (tmp_path / "file").read_bytes() == content
    files.write(str(tmp_path / "file"), "\u03bc\r\n")
    assert (tmp_path / "file").read_bytes() == "\u03bc\r\n".encode()


@pytest.mark.parametrize("size", [0, 1, files.CHUNK - 1, files.CHUNK, files.CHUNK + 1])
def test_a_file_is_read_whole_up_to_its_limit(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    (tmp_path / "file").write_bytes(content)
    assert files.read(tmp_path / "file") == files.read(tmp_path / "file", size) == content
    if size:
        with pytest.raises(OSError, match=f"it is larger than {size - 1:,} bytes") as caught:
            files.read(tmp_path / "file", size - 1)
        assert caught.value.errno == errno.EFBIG


@posix
def test_an_endless_source_is_given_up() -> None:
    with pytest.raises(OSError, match="it is larger than 1,000 bytes: '/dev/zero'"):
        files.read("/dev/zero", 1000)


@posix
def test_a_pipe_is_read_to_its_end() -> None:
    reader, writer = os.pipe()
    content = os.urandom(50_000)
    os.set_blocking(writer, False)
    assert os.write(writer, content) == len(content)
    os.close(writer)
    try:
        assert files.read(f"/dev/fd/{reader}", 50_000) == content
    finally:
        os.close(reader)
