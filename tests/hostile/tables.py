"""Tables: CSV files mutated in every way; read to the last bit, or refused in one line."""

from __future__ import annotations

import contextlib
import gzip
import io
import math
import random
from pathlib import Path

import numpy as np

from hostile.trying import check, hostile_text, obeyed
from nn.command.program import main
from nn.data.choosing import choose, encode, learn
from nn.data.faults import DataError
from nn.data.guessing import Format, is_number
from nn.data.reading import TableFile
from nn.data.targets import find_target

CELLS = [
    "", "NA", "?", "nan", "inf", "-inf", "1e999", "1e-999", "12_34", "0x10", "1,5", "1.234.567",
    "1,234", "007", "True", "no", "2020-02-30", "31.12.1999", "12:30", "-", ".", "\u0663",
    "\u2212" + "1", "1e5", '"', "'", '""', "\0", "\ufeff", "a b", "9" * 400, "0.1", "-0", "None",
    "1 000", "$5", "5%",
]  # fmt: skip
PARTS = [b",", b";", b"\t", b"|", b" ", b"\n", b"\r", b"\r\n", b'"', b"'", b"\0", b"\xff", b"\xc3",
         b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b", b"#", b"\\", b"\x1a",
         b"\xe2\x80\xa8"]  # fmt: skip


def attempt(source: random.Random, folder: Path) -> str:
    """Read a mutated table, and take it for data to learn from."""
    data = mutated(source, table(source))
    path = folder / "t.csv"
    path.write_bytes(data)
    if source.random() < 0.02:
        return command(path, data)
    form = Format(header=source.choice([None] * 6 + [True, False]))
    try:
        file = TableFile(path, form)
        found = file.read([file.names[-1]])
        compared(file, found.cells)
        target = find_target(found, file.names[-1])
        choice = choose(found, target.name)
        columns = learn(choice, found, list(target.rows[::2]))
        features, bad, _ = encode(columns, found)
    except DataError as error:
        return refused(str(error), path, data)
    check(features.shape == (len(found), sum(len(x.features) for x in columns)), "no matrix", data)
    check(np.isfinite(features).all(), "a feature is not finite", data)
    check(bad.shape == (len(found), len(columns)), "not all cells are judged", data)
    return "read"


def table(source: random.Random) -> bytes:
    """Return a table in some spelling, with a few odd cells."""
    if source.random() < 0.01:  # a header of very many columns
        count = source.randrange(1000, 20_000)
        names = [f"c{i}" for i in range(count)]
        return "\n".join([",".join(names), ",".join("1" * count), ",".join("2" * count)]).encode()
    sep = source.choice([",", ",", ";", "\t", "|", " "])
    width, rows = source.randrange(1, 6), source.randrange(40)
    kinds = [source.randrange(5) for _ in range(width)]
    kinds[-1] = source.choice([2, 2, 2, kinds[-1]])  # mostly classes
    lines = [[f"n{i}" for i in range(width)]] * (source.random() < 0.8)
    lines += [[cell(source, kind, i) for kind in kinds] for i in range(rows)]
    for _ in range(source.choice([0, 0, 1, 3])):
        if lines:
            line = source.randrange(len(lines))
            lines[line] = [*lines[line]]
            lines[line][source.randrange(width)] = source.choice([*CELLS, hostile_text(source)])
    end = source.choice(["\n", "\n", "\r\n", "\r"])
    text = end.join(sep.join(line) for line in lines) + end * source.randrange(3)
    return text.encode(source.choice(["utf-8", "utf-8", "utf-16", "cp1252"]), "replace")


def cell(source: random.Random, kind: int, row: int) -> str:
    """Return a cell of a column of a kind: numbers, their rows, texts, dates, yes and no."""
    return [
        lambda: repr(source.gauss(0, 10.0 ** source.randrange(-3, 4))),
        lambda: str(row),
        lambda: source.choice(["a", "b", '"c, d"', "\u00e9"]),
        lambda: f"20{source.randrange(10, 30)}-0{source.randrange(1, 10)}-1{source.randrange(10)}",
        lambda: source.choice(["yes", "no"]),
    ][kind]()


def mutated(source: random.Random, data: bytes) -> bytes:
    """Return bytes with something cut, put in, flipped, repeated or packed."""
    content = bytearray(data)
    for _ in range(source.choice([0, 1, 1, 2, 5])):
        at = source.randrange(len(content) + 1)
        kind = source.randrange(6)
        if kind == 0:
            del content[at : at + source.randrange(1, 20)]
        elif kind == 1 and at < len(content):
            content[at] ^= 1 << source.randrange(8)
        elif kind == 2:
            content[at:at] = source.choice(PARTS) * source.choice([1, 1, 2, 50])
        elif kind == 3:
            content[at:at] = source.choice(CELLS).encode()
        elif kind == 4:
            content = content[:at]
        else:
            content[at:at] = content[: source.randrange(len(content) + 1)]
    if source.random() > 0.05:
        return bytes(content)
    return gzip.compress(bytes(content))[: source.choice([None, None, -9])]


def refused(message: str, path: Path, given: bytes) -> str:
    """Check that a refusal is one visible line that names the file."""
    check(not obeyed(message) and "\n" not in message, "no visible line", message)
    check(len(message) <= 600, "the line is too long", message)
    check(message.startswith(str(path)), "the file is not named", given)
    return "refused"


def compared(file: TableFile, cells: dict[str, np.ndarray]) -> None:
    """Check that there are as many rows as are written, and each number is the one in its text."""
    rows = list(file.rows())
    decimal = str(file.form.decimal)
    for i, (name, column) in enumerate(cells.items()):
        check(len(column) == len(rows), "rows are lost", name)
        if column.dtype != np.float64:
            continue
        for row, x in zip(rows, column.tolist(), strict=True):
            text = row[i].strip()
            if math.isnan(x):
                check(not is_number(text, decimal), "a number is missing", text)
            elif math.isfinite(x):
                check(float(text.replace(decimal, ".")) == x, f"it is read as {x!r}", text)


def command(path: Path, given: bytes) -> str:
    """Train on a table from the command line."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([str(path), "--epochs", "1", "--no-progress", "--hidden", "2"])
    lines = err.getvalue()
    check(status in (0, 1, 2), "another status", given)
    check(lines.count("\n") == bool(status), "not one line of error", lines)
    check(not obeyed(out.getvalue() + lines), "no visible line", given)
    check(all(len(line) <= 640 for line in out.getvalue().splitlines()), "a long line", given)
    return "refused" if status else "trained"
