"""A stand-in for what goes by labels, where pandas is not installed."""

from __future__ import annotations

from typing import Any

import numpy as np


class Labelled:
    """A Series in small: members go by label, and only `to_numpy` knows of positions."""

    def __init__(self, numbers: list[float], index: list[int]) -> None:
        self.numbers, self.index = numbers, index

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, label: int) -> float:
        return self.numbers[self.index.index(label)]

    def to_numpy(self) -> Any:
        return np.array(self.numbers)
