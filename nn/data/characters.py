"""Characters as numbers: texts for a model of symbols, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.lines import line
from nn.checks import check_size

END = 0  # the symbol before the first character and after the last one


class Characters:
    """The characters of some texts, each with a number from 1 on; 0 begins and ends a text.

    Parameters
    ----------
    texts : iterable of str
        Or one text. The characters stand in the order of their code points.

    Attributes
    ----------
    characters : str
        All of them, in the order of their numbers.

    Raises
    ------
    ValueError
        If there is none; in a call, if a character is none of them.
    TypeError
        If what stands for a text is none.

    Examples
    --------
    >>> letters = Characters(["anna", "ben"])
    >>> letters, len(letters), letters.encode("nab")
    (Characters('aben'), 5, [4, 1, 2])
    >>> letters.decode([4, 1, 2, 0])
    'nab'
    >>> letters.example("ab")
    ([0, 1, 2], [1, 2, 0])
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.characters = "".join(sorted(set().union(*map(_text, _several(texts)))))
        if not self.characters:
            raise ValueError("there is no character in the texts, so that there is none to number")
        self._numbers = {c: i for i, c in enumerate(self.characters, start=END + 1)}

    def __len__(self) -> int:
        """Return how many symbols there are, with the end of a text: the vocabulary of a model."""
        return len(self.characters) + 1

    def __repr__(self) -> str:
        return f"Characters({self.characters!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Characters) and other.characters == self.characters

    def __hash__(self) -> int:
        return hash(self.characters)

    def encode(self, text: str) -> list[int]:
        """Return the number of each character of a text."""
        try:
            return [self._numbers[c] for c in _text(text)]
        except KeyError as error:
            raise ValueError(
                f"{error.args[0]!r} in {line(repr(text), 60)} is none of the characters "
                f"{line(repr(self.characters), 60)}"
            ) from None

    def decode(self, numbers: Iterable[Any]) -> str:
        """Return the text of some numbers, up to the first 0."""
        found: list[str] = []
        for x in numbers:
            number = check_size(
                x, "a symbol", END, below=len(self), allowed="the characters have numbers"
            )
            if number == END:
                break
            found.append(self.characters[number - END - 1])
        return "".join(found)

    def example(self, text: str) -> tuple[list[int], list[int]]:
        """Return what a model of the next symbol reads, and what it should say at each place."""
        numbers = self.encode(text)
        return [END, *numbers], [*numbers, END]

    def examples(self, texts: Iterable[str]) -> tuple[list[list[int]], list[list[int]]]:
        """Return the same of many texts: inputs and targets, as `nn.fit` takes them."""
        pairs = [self.example(text) for text in _several(texts)]
        return [before for before, _ in pairs], [after for _, after in pairs]


def _several(texts: Iterable[str]) -> Iterable[str]:
    """Texts; one text is not as many as it has characters."""
    return [texts] if isinstance(texts, str) else texts


def _text(text: Any) -> str:
    """What is given for a text, if it is one."""
    if not isinstance(text, str):
        raise TypeError(f"a text is a str, not {line(repr(text), 60)}")
    return text
