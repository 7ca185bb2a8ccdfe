"""Scikit-learn's own checks of the estimators, and what its tools make of them."""

from __future__ import annotations

import os
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import BaggingRegressor, VotingClassifier
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from nn.estimators import MLPClassifier, MLPRegressor

IRIS = load_iris(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
@pytest.mark.filterwarnings("default")
def test_every_check_of_scikit_learn_holds(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_no_tag_excuses_anything(kind: type) -> None:
    tags = get_tags(kind())
    poor_score = (tags.classifier_tags or tags.regressor_tags).poor_score
    assert [tags.non_deterministic, tags.no_validation, poor_score] == [False] * 3


def search(n_jobs: int | None = None) -> Any:
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(random_state=0, max_iter=40))
    sizes = {"mlpclassifier__hidden_layer_sizes": [(2,), (4,)], "mlpclassifier__alpha": [0.0, 1.0]}
    scoring = {"auc": "roc_auc_ovr", "process": lambda *_: os.getpid()}
    return GridSearchCV(pipeline, sizes, cv=2, scoring=scoring, refit="auc", n_jobs=n_jobs)


@pytest.fixture(scope="module")
def found() -> Any:
    return search().fit(*IRIS)


def scores(searched: Any) -> list[float]:
    found: list[float] = searched.cv_results_["mean_test_auc"].tolist()
    return found


def test_a_grid_is_searched(found: Any) -> None:
    assert found.best_score_ == max(scores(found)) > 0.9
    assert found.predict(IRIS[0]).shape == (150,)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_processes_and_threads_find_the_same(backend: str, found: Any) -> None:
    with joblib.parallel_config(backend=backend):
        assert scores(search(n_jobs=2).fit(*IRIS)) == scores(found)


@pytest.mark.filterwarnings("default")  # of dask and its servers
def test_a_dask_cluster_of_two_workers_finds_the_same(found: Any, tmp_path: Any) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", local_directory=str(tmp_path)
        ) as cluster,
        distributed.Client(cluster) as client,
        joblib.parallel_config(backend="dask"),
    ):
        assert len(client.scheduler_info()["workers"]) == 2
        searched = search().fit(*IRIS)
    assert scores(searched) == scores(found)
    assert os.getpid() not in searched.cv_results_["split0_test_process"]


def test_cross_validation_scores_well() -> None:
    assert cross_val_score(MLPClassifier(random_state=0), *IRIS, cv=3).mean() > 0.93
    assert cross_val_score(MLPRegressor(random_state=0), *DIABETES, cv=3).mean() > 0.4


def test_the_importance_of_a_feature_is_measured() -> None:
    rng = np.random.RandomState(0)
    X = rng.normal(size=(80, 3))
    model = MLPRegressor(random_state=0).fit(X, 5 * X[:, 1] + 0.1 * rng.normal(size=80))
    importance = permutation_importance(model, X, 5 * X[:, 1], n_repeats=3, random_state=0)
    assert importance.importances_mean.argmax() == 1
    assert importance.importances_mean[1] > 10 * importance.importances_mean[[0, 2]].max()


def test_frames_go_through_a_pipeline() -> None:
    frame = pd.DataFrame(IRIS[0], columns=list("abcd"))
    scaler = StandardScaler().set_output(transform="pandas")
    pipeline = make_pipeline(scaler, MLPClassifier(random_state=0)).fit(frame, IRIS[1])
    assert pipeline[-1].feature_names_in_.tolist() == list("abcd")
    assert pipeline.score(frame, IRIS[1]) > 0.93


def test_estimators_stand_inside_others() -> None:
    small = MLPClassifier((4,), random_state=0)
    X, y = IRIS
    assert CalibratedClassifierCV(small, cv=2).fit(X, y).score(X, y) > 0.9
    assert VotingClassifier([("a", small), ("b", small)], voting="soft").fit(X, y).score(X, y) > 0.9
    both = np.stack([y == 0, y == 2], axis=1)
    assert MultiOutputClassifier(small).fit(X, both).score(X, both) > 0.8
    bagged = BaggingRegressor(MLPRegressor((4,), max_iter=30), 2, random_state=0).fit(*DIABETES)
    assert bagged.score(*DIABETES) > 0.3
