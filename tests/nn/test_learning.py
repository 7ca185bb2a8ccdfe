"""``python -m nn`` on people's own tables: what is trained, said, saved and answered."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from sklearn import metrics

import nn.__main__ as command
from nn.command import saying
from nn.data import reading
from nn.models.classifier import Classifier
from nn.models.regressor import Regressor, load_tabular
from nn.saving.documents import SavedFileError

QUICK = ["--epochs", "2", "--no-progress"]
PETS = "pets.csv"


@pytest.fixture(autouse=True)
def _work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a table of columns of all kinds, and some that teach nothing."""
    source = random.Random(0)
    lines = ["id;name;weight;fur;born;tame;sort;price"]
    for i in range(120):
        weight, fur = source.gauss(10, 3), source.choice(["long", "short", "none"])
        kind = "cat" if weight < 10 else "dog" if i % 30 else "cow"
        price = 2 * weight + len(fur) + source.gauss(0, 0.5)
        cells = [
            i, f"n{i}", f"{weight:.1f}" if i % 15 else "NA", fur, f"{1 + i % 28}.3.2020",
            source.choice(["yes", "no"]), kind if i % 40 else "?", f"{price:.2f}",
        ]  # fmt: skip
        lines.append(";".join(str(x).replace(".", ",") if k in (2, 7) else str(x)
                              for k, x in enumerate(cells)))  # fmt: skip
    (tmp_path / PETS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> int:
    try:
        return command.main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, list[str]]:
    """Return what a run says, by the subject of the line."""
    assert run(*arguments) == 0, capsys.readouterr().err
    found: dict[str, list[str]] = {}
    for line in capsys.readouterr().out.splitlines():
        found.setdefault(line[:10].strip(), []).append(line[10:])
    return found


def table(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


def lines_of(path: str) -> list[str]:
    """Return the lines of a file."""
    return Path(path).read_text(encoding="utf-8").splitlines()


# --- training ------------------------------------------------------------------------------------


def test_a_measure_is_told_with_its_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, PETS, "--no-progress", "--drop", "sort")
    assert lines["data"] == [f"{PETS}: 120 rows, 4 features"]
    assert lines["read as"] == ["a header, separated by semicolon, decimal comma, UTF-8"]
    assert lines["target"] == ["price (the last column; choose another with --target)"]
    assert lines["left out"] == [
        "id (it numbers the rows); name (120 different texts in 120 rows) "
        "(--features takes any column)"
    ]
    assert lines["taken"] == ["born as days since 1970 (read as %d.%m.%Y)"]
    assert lines["task"][0].startswith("regression (")
    assert lines["split"] == ["96 training rows, 24 held out"]
    assert lines["model"][0].startswith("MLP 7-16-1, tanh, ")
    r2, base = re.findall(r"-?\d\.\d{3}", lines["R2"][0])
    assert float(r2) > 0.8 > 0.1 > float(base)
    for name in ("MAE", "RMSE"):
        mine, theirs = map(float, lines[name][0].split("; baseline "))
        assert mine < theirs / 2
    assert lines["baseline"][0].endswith("as every answer, the mean of the training rows")
    assert "warning" not in lines


def test_classes_are_told_with_the_majority_and_the_recalls(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--target", "sort", "--drop", "price", "--no-progress"]
    lines = said(capsys, PETS, *options)
    assert lines["data"] == [f"{PETS}: 117 rows, 4 features, 3 classes (cat, cow, dog)"]
    assert "3 rows without sort (an empty cell, NA, ? ...; see --na)" in lines["left out"]
    assert lines["warning"][0] == "too few rows to be learnt and measured: cow (3)"
    assert lines["split"] == ["93 training rows, 24 held out, each class by its share"]
    share = float(lines["baseline"][0].partition(" ")[0])
    assert float(lines["accuracy"][0].partition(" ")[0]) > share
    balanced, recalls = lines["balanced"][0].split(", the mean of the recalls: ")
    found = [float(part.split(" ")[1]) for part in recalls.split(", ")]
    assert float(balanced) == pytest.approx(sum(found) / len(found), abs=1e-3)


def test_what_is_no_better_than_the_baseline_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    source = random.Random(1)
    rows = [f"{source.random()},{'ab'[i % 10 == 0]},{source.random()}" for i in range(100)]
    Path("noise.csv").write_text("\n".join(["x,k,y", *rows]))
    lines = said(capsys, "noise.csv", "--target", "k", "--drop", "y", *QUICK)
    assert lines["warning"] == ["no better than always the most frequent class"]
    lines = said(capsys, "noise.csv", "--target", "y", "--drop", "k", *QUICK)
    assert lines["warning"] == ["no better than always the mean"]


def test_balanced_weights_raise_the_recall_of_a_rare_class(
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = random.Random(2)
    rows = []
    for i in range(300):
        rare = i % 10 == 0
        rows.append(f"{source.gauss(1.5 if rare else 0, 1):.3f},{'rare' if rare else 'usual'}")
    Path("rare.csv").write_text("\n".join(["x,k", *rows]))
    options = ["rare.csv", "--epochs", "10", "--no-progress"]

    def recall(*more: str) -> float:
        found = re.search(r"rare (\d\.\d+)", said(capsys, *options, *more)["balanced"][0])
        assert found
        return float(found[1])

    assert recall("--class-weight", "balanced") > recall() + 0.2


@pytest.mark.parametrize(
    "options",
    [
        ["--validation", "0.2", "--patience", "2", "--epochs", "60"],
        ["--optimizer", "adam"], ["--optimizer", "sgd"], ["--optimizer", "rmsprop", "--lr", "0.01"],
        ["--loss", "mae"], ["--loss", "huber"], ["--loss", "mse"],
        ["--dropout", "0.1"], ["--dropout", "0.1", "--hidden", "5", "4"], ["--hidden"],
        ["--cv", "3"],
    ],
    ids=lambda x: " ".join(x),
)  # fmt: skip
def test_every_option_trains_a_measure(
    capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    common = [PETS, "--epochs", "20", "--no-progress", "--save", "m.json"]
    lines = said(capsys, *common, *options)
    assert float(lines["R2"][0].partition(" ")[0]) > 0.3
    assert isinstance(load_tabular("m.json"), Regressor)


@pytest.mark.parametrize(
    "options", [["--loss", "brier"], ["--loss", "cross_entropy"], ["--class-weight", "balanced"],
                ["--loss", "brier", "--class-weight", "balanced"]],
    ids=lambda x: " ".join(x),
)  # fmt: skip
def test_every_option_trains_classes(
    capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    common = [PETS, "--target", "sort", "--epochs", "20", "--no-progress"]
    lines = said(capsys, *common, *options)
    assert float(lines["accuracy"][0].partition(" ")[0]) > 0.6


def test_patience_ends_a_training_early(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--validation", "0.2", "--patience", "1", "--epochs", "200", "--no-progress"]
    lines = said(capsys, PETS, *options)
    assert lines["split"] == ["76 training rows, 20 for validation, 24 held out"]
    assert "stopped early" in lines["loss"][0]


def test_folds_are_measured_and_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, PETS, "--target", "sort", "--cv", "4", *QUICK)
    scores = [float(lines[f"fold {k}"][0].split(" ")[1]) for k in range(1, 5)]
    assert lines["fold 1"][0].endswith(" on 30 rows")
    found = re.fullmatch(r"accuracy (.*), deviation (.*), over 4 folds", lines["cv"][0])
    assert found
    assert float(found[1]) == pytest.approx(sum(scores) / 4, abs=1e-3)


def test_a_column_that_numbers_sorted_rows_does_not_tell_the_class(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [f"{i},{i * 37 % 11},{'ab'[i > 49]}" for i in range(100)]
    Path("sorted.csv").write_text("\n".join([",x,k", *rows]))
    lines = said(capsys, "sorted.csv", "--no-progress")
    assert lines["left out"][0].startswith("index (it numbers the rows)")
    assert float(lines["accuracy"][0].partition(" ")[0]) < 0.8


def test_what_takes_long_shows_a_bar_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LONG", 10)
    monkeypatch.setattr(saying, "MANY", 10)
    assert run(PETS, "--epochs", "2", "--save", "m.json") == 0
    assert {"reading", "training", "answers"} <= set(
        re.findall(r"\w+(?=: )", capsys.readouterr().err)
    )
    assert run("predict", "m.json", PETS, "--output", "a.csv") == 0
    assert {"reading", "answers"} <= set(re.findall(r"\w+(?=: )", capsys.readouterr().err))
    for arguments in (["predict", "m.json", PETS, "--no-progress"], ["evaluate", "m.json", PETS]):
        assert run(*arguments, "--no-progress") == 0
        assert capsys.readouterr().err == ""


# --- saving and answering ------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["price", "sort"])
@pytest.mark.parametrize("name", ["m.json", "m.safetensors"])
def test_answers_are_the_inputs_rows_with_more_columns(
    capsys: pytest.CaptureFixture[str], target: str, name: str
) -> None:
    assert run(PETS, "--target", target, "--save", name, *QUICK) == 0
    capsys.readouterr()
    assert run("predict", name, PETS, "--output", "answers.csv") == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    given = list(csv.reader(lines_of(PETS), delimiter=";"))
    answers = list(csv.reader(lines_of("answers.csv")))
    assert [row[: len(given[0])] for row in answers] == given
    own = [row[len(given[0]) :] for row in answers]
    if target == "price":
        assert own[0] == ["predicted price"]
        right = [float(row[-1].replace(",", ".")) for row in given[1:]]
        assert run("evaluate", name, PETS) == 0
        r2 = re.search(r"^R2 +(\S+) ", capsys.readouterr().out, re.MULTILINE)
        assert r2
        found = metrics.r2_score(right, [float(row[0]) for row in own[1:]])
        assert float(r2[1]) == pytest.approx(found, abs=6e-4)
    else:
        names = ["cat", "cow", "dog"]
        assert own[0] == ["predicted sort", *(f"probability of {x}" for x in names)]
        for answer, *chances in own[1:]:
            assert sum(map(float, chances)) == pytest.approx(1.0, abs=1e-5)
            assert answer == names[chances.index(max(chances, key=float))]


def test_answers_come_on_standard_output_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PETS, "--save", "m.json", *QUICK) == 0
    capsys.readouterr()
    assert run("predict", "m.json", PETS, "--output", "-") == 0
    whole = capsys.readouterr().out
    assert run("predict", "m.json", PETS) == 0
    assert capsys.readouterr().out == whole
    assert run("predict", "m.json", PETS, "--output", "a.csv") == 0
    assert Path("a.csv").read_text(encoding="utf-8") == whole
    assert not Path("-").exists()


def test_columns_are_taken_in_any_order_and_what_is_not_needed_is_ignored(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(PETS, "--drop", "sort", "--save", "m.json", *QUICK) == 0
    capsys.readouterr()
    assert run("predict", "m.json", PETS) == 0
    first = [row["predicted price"] for row in table(capsys.readouterr().out)]
    rows = list(csv.DictReader(lines_of(PETS), delimiter=";"))
    with Path("other.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["more", "tame", "born", "weight", "fur"])
        writer.writeheader()
        for row in rows:
            kept = {name: row[name] for name in ("tame", "born", "fur")}
            weight = row["weight"].replace(",", ".")
            writer.writerow({**kept, "more": "junk", "weight": weight})
    assert run("predict", "m.json", "other.csv") == 0
    assert [row["predicted price"] for row in table(capsys.readouterr().out)] == first


BAD = """weight,fur,born,tame
5.5,long,1.3.2020,yes
heavy,long,2.3.2020,no
7,bald,soon,no
,short,,
"""


def test_a_row_with_a_bad_cell_has_no_answer_and_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(PETS, "--drop", "sort", "--save", "m.json", *QUICK) == 0
    Path("bad.csv").write_text(BAD)
    capsys.readouterr()
    assert run("predict", "m.json", "bad.csv") == 0
    out, err = capsys.readouterr()
    assert [bool(row["predicted price"]) for row in table(out)] == [True, False, False, True]
    assert err.splitlines() == [
        "nn: 2 rows of 4 with a bad cell left without an answer: line 3, column 'weight': 'heavy' "
        "is no number; line 4, column 'born': 'soon' is no date",
        "nn: 3 cells with a category, or missing, where training had none such",
    ]
    assert run("predict", "m.json", "bad.csv", "--strict", "--output", "a.csv") == 2
    assert "2 rows of 4 with a bad cell: line 3, column 'weight'" in capsys.readouterr().err
    assert not Path("a.csv").exists()


def test_a_name_that_is_taken_gets_a_mark(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PETS, "--save", "m.json", "--drop", "sort", *QUICK) == 0
    rows = Path(PETS).read_text().splitlines()
    taken = [f"{row};{i if i else 'predicted price'}" for i, row in enumerate(rows)]
    Path("taken.csv").write_text("\n".join(taken))
    capsys.readouterr()
    assert run("predict", "m.json", "taken.csv") == 0
    assert capsys.readouterr().out.splitlines()[0].endswith(",predicted price,predicted price_")


def test_what_was_missing_in_training_is_missing_in_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = "".join(f"{i % 7 if i % 5 else -999},{'ab'[i % 7 > 3]}\n" for i in range(60))
    Path("t.csv").write_text("x,k\n" + rows)
    assert run("t.csv", "--na", "-999", "--save", "m.json", *QUICK) == 0
    model = Classifier.load("m.json")
    assert (model.na, model.feature_names) == (("-999",), ("x", "x is missing"))
    Path("new.csv").write_text("x\n-999\n\n3\n-999.0\n")
    capsys.readouterr()
    assert run("predict", "m.json", "new.csv") == 0
    answers = [row["probability of a"] for row in table(capsys.readouterr().out)]
    assert answers[0] == answers[2] != answers[1]


def test_a_saved_model_is_plain_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PETS, "--save", "m.json", *QUICK) == 0
    notes = json.loads(Path("m.json").read_text())["content"]["notes"]
    assert [column["kind"] for column in notes["columns"]] == [
        "number", "category", "date", "boolean", "category",
    ]  # fmt: skip
    assert notes["columns"][1]["categories"] == ["long", "none", "short"]
    assert notes["target"].keys() == {"mean", "scale"}


def test_a_model_saved_before_columns_had_kinds_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its file says the names of features and classes alone."""
    assert run("--save", "m.json", *QUICK) == 0
    model = Classifier.load("m.json")
    from nn.saving.saved import load, save

    notes = {
        key: load("m.json").notes[key] for key in ("feature_names", "class_names", "target_name")
    }
    save(model.network, "old.json", scaler=model.scaler, seed=0, notes=notes)
    Path("new.csv").write_text(
        "petal_width,petal_length,sepal_width,sepal_length\n.2,1.4,3.5,5.1\n,1,2,3\n"
    )
    capsys.readouterr()
    assert run("predict", "old.json", "new.csv") == 0
    out, err = capsys.readouterr()
    answers = [row["predicted species"] for row in table(out)]
    assert answers == [model.class_names[model.answer([5.1, 3.5, 1.4, 0.2])], ""]
    assert "1 row of 2 with a bad cell" in err


@pytest.mark.parametrize(
    "spoil",
    [
        lambda notes: notes["columns"].pop(),
        lambda notes: notes["columns"][0].update(kind="text"),
        lambda notes: notes.update(columns=5),
        lambda notes: notes.update(feature_names=["a"]),
        lambda notes: notes["target"].update(scale=None),
        lambda notes: notes.update(target=7),
        lambda notes: notes.pop("target"),
        lambda notes: notes.pop("target_name"),
    ],
)
def test_a_model_whose_parts_do_not_fit_is_refused(spoil: Any) -> None:
    from nn.saving.saved import load, save

    assert run(PETS, "--save", "m.json", *QUICK) == 0
    model, saved = load_tabular("m.json"), load("m.json")
    notes = saved.notes
    spoil(notes)
    save(model.network, "spoilt.json", scaler=model.scaler, notes=notes)
    with pytest.raises(SavedFileError, match=r"^spoilt\.json: "):
        load_tabular("spoilt.json")


def test_a_run_on_a_table_is_resumed_only_with_its_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    usual = [PETS, "--checkpoint", "run.json", "--dropout", "0.1", *QUICK]
    assert run(*usual) == 0
    assert run(*usual, "--resume") == 0
    capsys.readouterr()
    for other in (
        ["--optimizer", "adam"],
        ["--loss", "mae"],
        ["--drop", "fur"],
        ["--task", "regression"],
    ):
        assert run(*usual, "--resume", *other) == 2
        assert "it belongs to another run" in capsys.readouterr().err


def test_a_report_shows_what_was_predicted_against_what_is_true() -> None:
    assert run(PETS, "--report", "page.html", *QUICK) == 0
    page = Path("page.html").read_text(encoding="utf-8")
    headings = re.findall("<h2>(.*)</h2>", page)
    assert headings[:4] == ["Summary", "Loss", "Film", "Predicted against true"]
    shown = page.partition("<section>\n<h2>Loss")[0]
    for subject in ("read as", "left out", "taken", "task", "R2", "MAE", "RMSE", "baseline"):
        assert f'<th scope="row">{subject}</th>' in shown
    assert "<!-- predicted price -->" in page
    assert run(PETS, "--save", "m.json", *QUICK) == 0
    assert run("evaluate", "m.json", PETS, "--report", "other.html") == 0
    assert "Predicted against true" in Path("other.html").read_text(encoding="utf-8")
