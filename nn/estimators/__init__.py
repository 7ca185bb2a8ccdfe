"""Estimators: networks with scikit-learn's interface, for its pipelines and searches.

They need the extra ``glassgrad[sklearn]``, and are imported when they are first asked for.
"""

from nn.estimators.classifier import MLPClassifier
from nn.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
