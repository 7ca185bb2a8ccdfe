"""``python -m nn``: what a user sees, with good input and with bad."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import nn.__main__ as command
import nn.command.report
import nn.command.verbs
from nn.data import moons
from nn.models.classifier import Classifier

QUICK = ["--epochs", "1", "--no-progress"]


def table(folder: Path, content: str, name: str = "pets.csv") -> str:
    """Return the path of a CSV file with the content given."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def two_moons(folder: Path) -> str:
    """Return the path of a CSV file with 40 points on two moons."""
    data = moons(40, noise=0.0)
    rows = [f"{x},{y},{k}" for (x, y), k in zip(data.features, data.labels, strict=True)]
    return table(folder, "\n".join(["x,y,moon", *rows]), "moons.csv")


def run(*arguments: str) -> int:
    """Return the exit status of the command."""
    try:
        return command.main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)


def test_the_default_run_describes_and_measures_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    out, err = capsys.readouterr()
    assert "150 rows, 4 features, 3 classes (setosa, versicolor, virginica)" in out
    assert "120 training rows, 30 held out" in out
    assert "MLP 4-16-3, tanh, 131 parameters" in out
    assert re.search(r"^seed +0$", out, re.MULTILINE)
    assert re.search(r"^loss +0\.\d+ in the last epoch$", out, re.MULTILINE)
    few = (
        r"^time +\d+\.\d s; steps with Values, .* ms each: so few of them gain nothing by programs$"
    )
    assert re.search(few, out, re.MULTILINE)
    accuracy = re.search(r"^accuracy +(\d\.\d{3}) .*\((\d+) of 30\)$", out, re.MULTILINE)
    assert accuracy
    assert float(accuracy[1]) == round(int(accuracy[2]) / 30, 3) >= 0.9
    assert "320/320" in err


def test_a_longer_run_says_what_programs_gained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--epochs", "50", "--no-progress") == 0
    gained = (
        r"^time +\d+\.\d s; steps by programs from step 321 on, .* ms each; "
        r"with Values .* ms each; to make them took .* s$"
    )
    assert re.search(gained, capsys.readouterr().out, re.MULTILINE)


def test_held_out_accuracy_is_at_least_95_per_cent_over_ten_seeds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    right = 0
    for seed in range(10):
        assert run("--seed", str(seed), "--no-progress") == 0
        answers = re.search(r"\((\d+) of 30\)", capsys.readouterr().out)
        assert answers
        right += int(answers[1])
    assert right / 300 >= 0.95


def test_a_run_repeats_with_its_seed(capsys: pytest.CaptureFixture[str]) -> None:
    def lines(seed: str) -> list[str]:
        assert run(*QUICK, "--seed", seed) == 0
        return [x for x in capsys.readouterr().out.splitlines() if not x.startswith("time")]

    assert lines("3") == lines("3")
    assert lines("3") != lines("4")


def test_a_users_file_is_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = two_moons(tmp_path)
    assert run(path, "--target", "moon", "--hidden", "4", "3", *QUICK) == 0
    out, err = capsys.readouterr()
    assert f"{path}: 40 rows, 2 features, 2 classes (0, 1)" in out
    assert "MLP 2-4-3-2" in out
    assert re.search(r"^target +moon$", out, re.MULTILINE)
    assert err == ""


@pytest.mark.parametrize("name", ["moons", "circles"])
def test_a_pattern_can_be_named_instead_of_a_file(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run(name, "--weight-decay", "0.01", "--no-progress", "--epochs", "30") == 0
    out = capsys.readouterr().out
    assert f"{name}: 400 rows, 2 features, 2 classes" in out
    accuracy = re.search(r"^accuracy +(\d\.\d{3})", out, re.MULTILINE)
    assert accuracy
    assert float(accuracy[1]) >= 0.97
    assert run(name, "--target", "x") == 2


def test_a_single_feature_is_counted_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(table(tmp_path, GOOD), *QUICK) == 0
    assert "4 rows, 1 feature, 2 classes (cat, dog)" in capsys.readouterr().out


def test_the_last_column_is_the_target_and_the_output_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(two_moons(tmp_path), *QUICK) == 0
    assert "moon (the last column; choose another with --target)" in capsys.readouterr().out


def test_without_hidden_layers_the_model_is_linear(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--hidden", *QUICK) == 0
    assert "MLP 4-3," in capsys.readouterr().out


def test_help_explains_and_gives_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    shown = capsys.readouterr().out
    assert "python -m nn flowers.csv --target species" in shown
    for option in ("--hidden", "--epochs", "--batch-size", "--lr", "--seed", "--test-fraction"):
        assert option in shown


GOOD = "weight,kind\n1,cat\n2,dog\n3,cat\n4,dog\n"


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("", [], r"pets\.csv: the file is empty"),
        ("weight,kind\n", [], "no rows below the header"),
        (
            GOOD + "big,dog\n",
            [],
            "mixed .* 'weight' .1 cell, first 'big' in line 6.: name with --na",
        ),
        ("weight,kind\n1,cat\n2\n", [], "1 row has another number of cells: line 3 has 1"),
        ("weight,kind\n1,cat\n2,cat\n", [], "the same class, 'cat'"),
        ("kind\ncat\ndog\n", [], "'kind' is the only column"),
        (
            GOOD,
            ["--target", "spe\ncies"],
            "no column 'spe.*cies'; the columns are 'weight', 'kind'",
        ),
        (GOOD, ["--features", "width", "--drop", "a"], "there are no columns 'width', 'a'"),
        (
            GOOD,
            ["--task", "regression"],
            "4 cells of a measure are no number, first 'cat' in line 2",
        ),
        (
            GOOD,
            ["--loss", "mae"],
            "--loss: the loss of classification is one of cross_entropy, brier",
        ),
        (GOOD, ["--cv", "9"], "--cv: 9 folds need as many examples, but there are 4"),
        (GOOD, ["--validation", "0.9"], "--validation: holding out 0.9 of 3 examples"),
        (GOOD, ["--patience", "3"], "--patience needs --validation"),
        (GOOD, ["--sep", "ab"], "--sep: expected one character, or tab, but was given 'ab'"),
        (GOOD, ["--encoding", "x-none"], "it is not text in x-none: unknown encoding: x-none"),
        (GOOD, ["--na", "cat", "dog"], "column 'kind': every cell is missing"),
        (GOOD, ["--test-fraction", "0.9"], "--test-fraction: holding out 0.9 of 4 examples"),
        (GOOD, ["--test-fraction", "1"], "expected a number between 0 and 1, .* given '1'"),
        (GOOD, ["--epochs", "0"], "--epochs: expected a whole number of at least 1, .* '0'"),
        (GOOD, ["--batch-size", "1.5"], "--batch-size: expected a whole number .* '1.5'"),
        (GOOD, ["--lr", "nan"], "--lr: expected a finite number above 0, .* 'nan'"),
        (GOOD, ["--seed", "x"], "--seed: expected a whole number, .* 'x'"),
        (GOOD, ["--hidden", "-3"], "--hidden: expected a whole number of at least 1, .* '-3'"),
        (GOOD, ["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_bad_input_ends_in_one_line_and_status_2(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    arguments: list[str],
    message: str,
) -> None:
    assert run(table(tmp_path, content), *arguments) == 2
    err = capsys.readouterr().err
    assert re.fullmatch(rf"nn: error: .*{message}.*\n", err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no/such/file.csv"], "cannot use no/such/file.csv: No such file or directory"),
        (["."], "cannot use .: Is a directory"),
        (["--target", "species"], "--target is for a table of your own"),
    ],
)
def test_what_cannot_be_read_ends_in_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run(*arguments) == 2
    assert re.fullmatch(rf"nn: error: {message}.*\n", capsys.readouterr().err)


def test_a_failed_training_ends_in_one_line_and_status_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--lr", "1e300", "--no-progress") == 1
    err = capsys.readouterr().err
    assert re.fullmatch(
        r"nn: error: training failed: .* in epoch 1, batch \d: \w+ gave \w+; .*\n", err
    )


def test_an_interruption_ends_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(nn.command.verbs, "fit", interrupted)
    assert run() == 130
    assert capsys.readouterr().err == "nn: interrupted\n"


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the command as a process of its own."""
    # A shell starts what runs in the background deaf to Ctrl-C, which is inherited; a handler is
    # not. (A preexec_fn would fork, of which libraries with threads of their own warn.)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "nn", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_module_is_a_command() -> None:
    with start(*QUICK) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "accuracy" in out
    assert err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to a process")
@pytest.mark.parametrize("shown", [[], ["--no-progress"]], ids=["with a bar", "silent"])
def test_ctrl_c_during_training_keeps_what_was_learned(tmp_path: Path, shown: list[str]) -> None:
    path = tmp_path / "model.json"
    with start("--epochs", "100000", "--save", str(path), *shown) as process:
        assert process.stdout
        while not process.stdout.readline().startswith("seed"):
            pass
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err.endswith("nn: interrupted\n")
    assert "on the held-out rows" in out
    assert Classifier.load(path).class_names == ("setosa", "versicolor", "virginica")


def test_a_reader_that_goes_away_causes_no_complaint() -> None:
    with start(*QUICK) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 1
    assert err == ""


# --- saving, evaluating, predicting, reporting ---------------------------------------------------


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
def test_a_saved_model_gives_the_answers_that_were_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    data, model = two_moons(tmp_path), str(tmp_path / name)
    assert run(data, "--epochs", "30", "--no-progress", "--save", model) == 0
    assert f"saved     {model}" in capsys.readouterr().out
    assert run("evaluate", model, data) == 0
    out = capsys.readouterr().out
    right = re.search(r"^accuracy +.* on the rows \((\d+) of 40\)$", out, re.MULTILINE)
    assert right
    assert run("predict", model, data) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header == "x,y,moon,predicted moon,probability of 0,probability of 1"
    assert [line.rsplit(",", 3)[0] for line in lines] == Path(data).read_text().splitlines()[1:]
    answers = [line.split(",")[2:] for line in lines]
    assert sum(answer == label for label, answer, *_ in answers) == int(right[1])
    for _, answer, *chances in answers:
        assert sum(map(float, chances)) == pytest.approx(1.0, abs=1e-5)
        assert float(chances[int(answer)]) == max(map(float, chances))


def test_evaluation_says_what_was_taken_for_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(tmp_path / "model.json")
    good = table(tmp_path, "x,kind\n" + "".join(f"{i},{'ab'[i > 9]}\n" for i in range(20)))
    assert run(good, "--epochs", "60", "--no-progress", "--save", model) == 0
    swapped = table(tmp_path, "note,kind,x\n" + "y,a,19\n" * 3 + "n,b,18\n", "swapped.csv")
    assert run("evaluate", model, swapped) == 0
    out = capsys.readouterr().out
    assert "(1 of 4)" in out
    assert "  a was taken for: 3 b\n  b was taken for: 1 b\n" in out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to a process")
def test_an_interrupted_training_is_resumed_to_the_very_same_model(tmp_path: Path) -> None:
    data, path, whole = two_moons(tmp_path), tmp_path / "run.json", tmp_path / "whole.json"
    options = [data, "--epochs", "200", "--no-progress"]
    assert run(*options, "--save", str(whole)) == 0
    with start(*options, "--checkpoint", str(path)) as process:
        while not path.exists():
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130
    again = tmp_path / "again.json"
    assert run(*options, "--checkpoint", str(path), "--resume", "--save", str(again)) == 0
    assert again.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (["--lr", "5"], r"--lr is 5\.0, but was 0\.05"),
        (["--activation", "relu"], "--activation is 'relu', but was 'tanh'"),
        (["--weight-decay", "0.2"], r"--weight-decay is 0\.2, but was 0\.1"),
        (["--epochs", "4"], "--epochs is 4, but was 3"),
        (["--hidden", "8"], r"--hidden is \(8\), but was \(16\)"),
        (["--hidden"], r"--hidden is \(\), but was \(16\)"),
        (["--batch-size", "8"], "--batch-size is 8, but was 16"),
        (["--seed", "1"], "--seed is 1, but was 0"),
        (["--test-fraction", "0.3"], r"--test-fraction is 0\.3, but was 0\.2"),
        (["--target", "y"], "--target is 'y', but was 'x'"),
    ],
)
def test_a_run_is_resumed_only_with_the_options_that_it_had(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], other: list[str], message: str
) -> None:
    rows = "".join(f"{i % 3},{i % 2},{i % 4}\n" for i in range(40))
    data, path = table(tmp_path, "z,y,x\n" + rows), tmp_path / "run.json"
    usual = [data, "--epochs", "3", "--no-progress", "--checkpoint", str(path)]
    assert run(*usual, "--target", "x") == 0
    capsys.readouterr()
    assert run(*usual, "--target", "x", "--resume", *other) == 2
    err = capsys.readouterr().err
    assert re.fullmatch(rf"nn: error: .*run\.json: it belongs to another run: {message};.*\n", err)


@pytest.mark.parametrize(
    "other",
    [
        GOOD.replace("1,cat", "1.5,cat"),  # one number
        GOOD.replace("cat", "bat"),  # a class's name
        GOOD.replace("weight", "height"),  # a column's name
        "weight,kind\n4,dog\n2,dog\n3,cat\n1,cat\n",  # the order of the rows
    ],
)
def test_a_run_is_resumed_only_with_the_data_that_it_had(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    path = tmp_path / "run.json"
    usual = [*QUICK, "--checkpoint", str(path)]
    assert run(table(tmp_path, GOOD), *usual) == 0
    assert run(table(tmp_path, GOOD, "moved.csv"), *usual, "--resume") == 0
    capsys.readouterr()
    assert run(table(tmp_path, other), *usual, "--resume") == 2
    assert "it belongs to another run: not the same data as before" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--save", "."], "it is a folder"),
        (["--save", "same.json", "--checkpoint", "./same.json"], "it is named for two purposes"),
        (["iris.csv", "--checkpoint", "iris.csv"], "it is named for two purposes"),
    ],
)
def test_what_cannot_be_written_ends_before_training(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments, *QUICK) == 2
    shown = capsys.readouterr()
    assert re.fullmatch(rf"nn: error: cannot use .*: {message}\n", shown.err)
    assert shown.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_report_is_one_page_with_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert run(two_moons(tmp_path), *QUICK, "--report", str(path)) == 0
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    headings = re.findall("<h2>(.*)</h2>", page)
    assert headings == [
        "Summary", "Loss", "Film", "Answers", "Decision boundary", "The loss of the first row",
        "The same, step by step",
    ]  # fmt: skip
    assert page.count('<div class="figure"><svg') == 2
    assert "white" not in page.partition("</style>")[0], "figures take the colours of the page"
    assert nn.command.report.INK not in page
    shown = re.sub(r"&quot;|\s+", " ", page)
    for said in ("<!-- validation -->", "<!-- 0 -->", "<!-- 1 -->"):  # Matplotlib's legends
        assert said in shown
    assert "v1 = layers.0.neurons.0.w.0 * x + layers.0.neurons.0.w.1 * y + " in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)


def test_a_report_on_more_than_two_features_has_no_boundary(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert run(*QUICK, "--report", str(path)) == 0
    assert "Decision boundary" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "none.json", "none.csv"], "cannot use none.json: No such file"),
        (["predict", "none.json"], "the following arguments are required: data"),
        (["--save", "no/such/model.json"], "there is no such folder"),
        (["--report", "no/such/page.html"], "there is no such folder"),
        (["--resume"], "--resume needs --checkpoint"),
        (["--resume", "--checkpoint", "none.json"], "cannot use none.json: No such file"),
        (["--activation", "rellu"], "--activation: .* 'rellu'; did you mean"),
        (["--weight-decay", "-1"], "--weight-decay: expected a finite number of at least 0"),
    ],
)
def test_more_mistakes_end_in_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run(*arguments) == 2
    assert re.fullmatch(rf"nn: error: .*{message}.*\n", capsys.readouterr().err)


def test_files_that_do_not_go_together_end_in_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(tmp_path / "model.json")
    assert run(two_moons(tmp_path), *QUICK, "--save", model) == 0
    for content, message in {
        "x,moon\n1,0\n": "there is no column 'y'; the columns are 'x', 'moon'",
        "moon,note\n1,0\n": "there are no columns 'x', 'y'; the columns are 'moon', 'note'",
        "x,y\n1,0\n": "there is no column 'moon'; name with --target the one that holds",
        "x,y,moon\n1,2,0\n1,2,7\n": "not know the class '7' of 1 row, first in line 3",
        "x,y,moon\n1,z,0\n": "line 2, column 'y': 'z' is no number; no row is left",
    }.items():
        assert run("evaluate", model, table(tmp_path, content)) == 2
        assert re.fullmatch(rf"nn: error: .*{message}.*\n", capsys.readouterr().err)
    broken = table(tmp_path, "{}", "broken.json")
    assert run("predict", broken, two_moons(tmp_path)) == 2
    assert "this file was not written by glassgrad" in capsys.readouterr().err
