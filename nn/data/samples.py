"""Collected data: Fisher's iris, handwritten digits, census names."""

from __future__ import annotations

import csv
from pathlib import Path

from autograd.extras import need
from nn.data.dataset import Dataset


def iris() -> Dataset:
    """Return Fisher's iris data: 50 flowers of each of three species, measured in cm.

    The values are those of scikit-learn's copy, which are the ones that Fisher printed. The copy
    of the UCI Machine Learning Repository differs from the paper in two rows, the 35th and
    the 38th.

    Returns
    -------
    Dataset
        150 rows: length and width of the sepal, length and width of the petal.

    References
    ----------
    R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of
    Eugenics 7 (1936), 179-188.

    Examples
    --------
    >>> iris().feature_names
    ('sepal_length', 'sepal_width', 'petal_length', 'petal_width')
    """
    with Path(__file__).with_name("iris.csv").open(encoding="ascii", newline="") as file:
        header, *rows = csv.reader(file)
    features = tuple(tuple(map(float, row[:-1])) for row in rows)
    names = tuple(sorted({row[-1] for row in rows}))
    labels = tuple(names.index(row[-1]) for row in rows)
    return Dataset(features, labels, names, tuple(header[:-1]), header[-1])


def digits() -> Dataset:
    """Return scikit-learn's copy of 1,797 handwritten digits, images of 8 by 8 pixels.

    Returns
    -------
    Dataset
        64 features, row by row, each from 0 (paper) to 16 (ink), and the classes 0 to 9.

    Raises
    ------
    ModuleNotFoundError
        If scikit-learn is not installed: ``pip install "glassgrad[digits]"``.

    References
    ----------
    E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits", UCI Machine Learning
    Repository 1998.

    Examples
    --------
    >>> data = digits()
    >>> len(data), len(data.features[0]), data.labels[:4]
    (1797, 64, (0, 1, 2, 3))
    """
    loaded = need("sklearn.datasets", "digits").load_digits()
    names = tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8))
    features = tuple(tuple(map(float, row)) for row in loaded.data.tolist())
    return Dataset(features, tuple(loaded.target.tolist()), tuple("0123456789"), names, "digit")


def names() -> tuple[str, ...]:
    """Return some 5,000 first names of the United States census of 1990, in small letters.

    Returns
    -------
    tuple of str
        Each once, in alphabetical order.

    Raises
    ------
    ModuleNotFoundError
        If the package `names` is not installed: ``pip install "glassgrad[names]"``.

    Examples
    --------
    >>> len(names()), names()[:3]
    (5163, ('aaron', 'abbey', 'abbie'))
    """
    files = need("names", "names").FILES
    found: set[str] = set()
    for key in ("first:female", "first:male"):
        lines = Path(files[key]).read_text(encoding="ascii").splitlines()
        found.update(line.split()[0].lower() for line in lines if line.strip())
    return tuple(sorted(found))
