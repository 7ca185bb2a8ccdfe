"""A report of a training or an evaluation: one HTML page that needs nothing beside itself."""

from __future__ import annotations

import html
import io
import warnings
from collections.abc import Callable, Sequence
from typing import Any, cast

from autograd.display.page import document
from autograd.extras import need
from autograd.graph.value import Value
from autograd.lines import line, visible
from nn.command.measuring import Model
from nn.command.saying import NAME
from nn.data.dataset import Dataset, Row
from nn.losses.classes import cross_entropy
from nn.losses.elementwise import mse
from nn.models.classifier import Classifier
from nn.models.regressor import Regressor
from nn.modes import evaluation
from nn.training.film import Film
from nn.training.history import History

NAMED = 12  # classes in a legend
INK = "#010203"  # what is drawn with it takes the colour of the page's text
STEPPED = 400  # parameters; of a larger network a page of all steps would be unwieldy
STEPS = 80  # of the grid on which the decision boundary is drawn

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: auto; }
table { border-collapse: collapse; }
th, td { padding: .25rem .75rem; text-align: right; border: 1px solid #8886; }
.facts td { text-align: left; }
.wide { overflow-x: auto; }
.figure svg { max-width: 100%; height: auto; }
"""


def of_run(
    title: str,
    said: Sequence[tuple[str, str]],
    model: Model,
    features: Sequence[Sequence[float]],
    values: Sequence[float],
    answers: Sequence[Any],
    history: History,
    film: Film | None = None,
) -> str:
    """Return the HTML page about a training or an evaluation (needs Matplotlib).

    Parameters
    ----------
    title : str
        What it is about.
    said : sequence of (str, str)
        What was printed.
    model : Classifier or Regressor
    features, values, answers : sequence
        The rows that it was measured on, with what is right and what the model said.
    history : History
        The losses; none for an evaluation.
    film : Film, optional
        What the training looked like on its way.
    """
    sections = [("Summary", facts(said))]
    if history:
        sections.append(("Loss", loss_curves(history)))
    if film and film.frames:
        sections.append(("Film", film.framed()))
    if isinstance(model, Regressor):
        sections.append(("Predicted against true", scatter(answers, values, model.target_name)))
    else:
        labels = tuple(map(int, values))
        table = confusion(answers, labels, len(model.class_names))
        sections.append(("Answers", confusion_table(table, model.class_names)))
        if len(model.feature_names) == 2:
            names = (model.class_names, model.feature_names, model.target_name)
            data = Dataset(tuple(map(tuple, features)), labels, *names)
            sections.append(("Decision boundary", decision_boundary(model.answer, data)))
    with evaluation():
        sections += _pictures(model, features[0], values[0])
    return page(title, sections)


def page(title: str, sections: Sequence[tuple[str, str]]) -> str:
    """Return an HTML page.

    Parameters
    ----------
    title : str
        Its heading, as plain text.
    sections : sequence of (str, str)
        The heading of each section, as plain text, and its content, as HTML.

    Examples
    --------
    >>> "<h2>1 &lt; 2</h2>" in page("Numbers", [("1 < 2", "<p>is true</p>")])
    True
    """
    parts = [
        f"<section>\n<h2>{html.escape(heading)}</h2>\n{content}\n</section>"
        for heading, content in sections
    ]
    body = "\n".join([f"<h1>{html.escape(title)}</h1>", *parts])
    whole = document(title, body, "auto", _STYLE)
    return visible(whole, "\n\r\t")  # names may hold what no encoding can express


def facts(lines: Sequence[tuple[str, str]]) -> str:
    r"""Return a table of subjects and what is to be said about each, as HTML.

    Examples
    --------
    >>> facts([("seed", "7")])
    '<table class="facts">\n<tr><th scope="row">seed</th><td>7</td></tr>\n</table>'
    """
    rows = [
        f'<tr><th scope="row">{html.escape(subject)}</th><td>{html.escape(text)}</td></tr>'
        for subject, text in lines
    ]
    return "\n".join(['<table class="facts">', *rows, "</table>"])


def confusion(answers: Sequence[int], labels: Sequence[int], count: int) -> list[list[int]]:
    """Return how often each class (the row) was taken for each class (the column).

    Parameters
    ----------
    answers, labels : sequence of int
        The class that the model gave to each example, and the right one.
    count : int
        The number of classes.

    Examples
    --------
    >>> confusion([0, 1, 1], [0, 0, 1], 2)
    [[1, 1], [0, 1]]
    """
    table = [[0] * count for _ in range(count)]
    for answer, label in zip(answers, labels, strict=True):
        table[label][answer] += 1
    return table


def confusion_table(table: Sequence[Sequence[int]], class_names: Sequence[str]) -> str:
    """Return a confusion matrix as an HTML table, the more frequent cells the darker.

    Examples
    --------
    >>> "<td" in confusion_table([[3, 0], [1, 2]], ["cat", "dog"])
    True
    """
    names = [html.escape(line(name, NAME)) for name in class_names]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    lines = [f'<tr><th scope="col">right class \\ answer</th>{head}</tr>']
    for name, row in zip(names, table, strict=True):
        most = max(sum(row), 1)
        cells = "".join(
            f'<td style="background: rgb(31 119 180 / {0.6 * n / most:.2f})">{n}</td>' for n in row
        )
        lines.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    return "\n".join(['<div class="wide" tabindex="0"><table>', *lines, "</table></div>"])


def loss_curves(history: History) -> str:
    """Return the curves of a history as SVG (needs Matplotlib)."""
    figure, axes = _figure()
    legend = history.plot(axes).get_legend()
    legend.set_frame_on(False)
    for text in legend.get_texts():
        text.set_color(INK)
    return _svg(figure)


def decision_boundary(answer: Callable[[Row], int], data: Dataset) -> str:
    """Return the classes that a model gives to the points of a plane, as SVG (needs Matplotlib).

    Parameters
    ----------
    answer : callable
        The class that the model gives to two features.
    data : Dataset
        Examples with two features, drawn as points.
    """
    figure, axes = _figure()
    xs, ys = (_spread(column) for column in zip(*data.features, strict=True))
    field = [[answer((x, y)) for x in xs] for y in ys]
    last = max(len(data.class_names) - 1, 1)
    style = {"cmap": "viridis", "vmin": 0, "vmax": last}
    axes.pcolormesh(xs, ys, field, alpha=0.3, shading="nearest", rasterized=True, **style)
    for label, name in enumerate(data.class_names):
        here = [row for row, own in zip(data.features, data.labels, strict=True) if own == label]
        points = [[row[i] for row in here] for i in (0, 1)]
        named = line(name, NAME) if label < NAMED else "_"  # Matplotlib leaves such a name out
        axes.scatter(
            *points,
            c=[label] * len(here),
            s=16,
            edgecolors=INK,
            linewidths=0.5,
            label=named,
            **style,
        )
    beside = axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    for text in beside.get_texts():
        text.set_parse_math(False)
        text.set_color(INK)
    across, up = (line(name, NAME) for name in data.feature_names)
    axes.set_xlabel(across, parse_math=False)
    axes.set_ylabel(up, parse_math=False)
    return _svg(figure)


def scatter(answers: Sequence[float], values: Sequence[float], name: str) -> str:
    """Return what was predicted against what is true, as SVG (needs Matplotlib)."""
    figure, axes = _figure()
    axes.scatter(values, answers, s=16, edgecolors=INK, linewidths=0.5)
    ends = [min(*values, *answers), max(*values, *answers)]
    axes.plot(ends, ends, color=INK, linewidth=0.8, linestyle=":")  # what is predicted rightly
    axes.set_xlabel(line(f"true {name}", NAME), parse_math=False)
    axes.set_ylabel(line(f"predicted {name}", NAME), parse_math=False)
    return _svg(figure)


def graph(loss: Callable[[], Value]) -> str:
    """Return the graph of a loss, each neuron drawn as one node, as HTML.

    Parameters
    ----------
    loss : callable
        Computes the loss of one example, and sweeps it back so that the gradients can be shown.
    """
    # Imported only here, so that training stays light.
    from autograd.display import draw

    return draw(loss, collapse=True)._repr_html_()


def stepper(loss: Callable[[], Value]) -> str:
    """Return the computation of a loss and its backward sweep, step by step, as HTML.

    Parameters
    ----------
    loss : callable
        Computes the loss of one example.
    """
    from autograd.display import step

    return str(step(loss)._repr_mimebundle_()["text/html"])


def _pictures(model: Model, row: Sequence[float], value: float) -> list[tuple[str, str]]:
    """Return the sections of a report that show the network at work on its first row."""
    names = (line(name, NAME) for name in model.feature_names)
    inputs = list(map(Value, model.scaler([row])[0], names))

    def loss() -> Value:
        out = model.network(inputs)
        if isinstance(model, Classifier):
            return cast(Value, cross_entropy(out, int(value)))
        return cast(Value, mse(out, (value - model.mean) / model.scale))

    def swept() -> Value:
        model.network.zero_grad()
        out = loss()
        out.backward()
        return out

    sections = [("The loss of the first row", graph(swept))]
    if len(model.network.parameters()) <= STEPPED:
        sections.append(("The same, step by step", stepper(loss)))
    model.network.zero_grad()
    return sections


def _spread(column: Sequence[float]) -> list[float]:
    """Return the ticks of the grid on one axis: a little further than the points."""
    low, high = min(column), max(column)
    margin = (high - low or 1.0) / 10
    step = (high - low + 2 * margin) / (STEPS - 1)
    return [low - margin + i * step for i in range(STEPS)]


def _figure() -> tuple[Any, Any]:
    """Return a new figure, which no window shows, and its axes."""
    names = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    with need("matplotlib", "plot").rc_context(dict.fromkeys(names, INK)):
        figure = need("matplotlib.figure", "plot").Figure(figsize=(6.4, 4.0), layout="constrained")
        return figure, figure.subplots()


def _svg(figure: Any) -> str:
    """Return a figure as an SVG element, the same for the same figure."""
    text = io.StringIO()
    settings = need("matplotlib", "plot").rc_context({"svg.hashsalt": "glassgrad"})
    with settings, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # of another script: a box stands for it
        figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)
    drawing = text.getvalue().replace(INK, "currentColor")  # as the text around it, dark or light
    return f'<div class="figure">{drawing[drawing.index("<svg") :]}</div>'
