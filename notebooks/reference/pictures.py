"""Make the pictures of this folder: the README's graph and the gallery.

Run ``python notebooks/reference/pictures.py``. The same code makes the same files.
"""

from __future__ import annotations

import random
from pathlib import Path

import nn
from autograd import Value, files
from autograd.display import draw, step
from autograd.display.drawing import Drawing
from autograd.display.page import document
from autograd.display.text import xml

HERE = Path(__file__).parent


def neuron() -> Value:
    """tanh(w*x + b), swept."""
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-0.25, "b")
    n = w * x + b
    y = n.tanh()
    n.label, y.label = "n", "y"
    y.backward()
    return y


def loss(w: Value, x: Value, target: Value) -> Value:
    """The squared error of a neuron; `w` is used once, `error` twice."""
    error = (w * x).tanh() - target
    return error * error


def gallery() -> list[tuple[str, str, Drawing]]:
    """Each drawing with its name and what it shows."""
    rng = random.Random(1)
    model = nn.MLP(2, [3, 1], rng=rng)
    deep = nn.MLP(2, [16, 16, 1], rng=rng)
    point = [1.0, -0.5]
    return [
        ("graph", "A neuron after backward(): the numbers on the edges are local derivatives.",
         draw(neuron(), engine="builtin")),
        ("before", "Before backward() a gradient is a point, which is not the same as 0.",
         draw(loss, 0.5, 2.0, 1.0, engine="builtin")),
        ("highlight", "All that lies between a leaf and the root, from top to bottom.",
         draw(loss, 0.5, 2.0, 1.0, engine="builtin", highlight="x", direction="TB")),
        ("modules", "Each call of a module has a frame of its own, and parameters their names.",
         draw(model, point, engine="builtin", collapse=False)),
        ("collapsed", "The same network with each neuron as one node.",
         draw(model, point, engine="builtin", collapse="neuron")),
        ("deep", "A network of 337 parameters, collapsed because it is large.",
         draw(deep, point, engine="builtin", max_nodes=60)),
    ]  # fmt: skip


def main() -> None:
    """Write every file."""
    parts = ["<h1>Gallery</h1>", "<p>Every picture is made by <code>pictures.py</code>.</p>"]
    for name, caption, drawing in gallery():
        drawing.save(HERE / f"{name}.svg")
        parts.append(
            f'<figure><img src="{name}.svg" alt="{xml(caption)}">'
            f"<figcaption>{xml(caption)}</figcaption></figure>"
        )
    step(loss, 0.5, 2.0, 1.0).save(HERE / "steps.html")
    parts.append('<p><a href="steps.html">Step through the second of them</a>.</p>')
    style = (
        "body { max-width: 60rem; margin: auto } img { max-width: 100% } "
        "figure { margin: 2rem 0 } figcaption { margin-top: .5rem }"
    )
    files.write(HERE / "gallery.html", document("Gallery", "\n".join(parts), "auto", style))


if __name__ == "__main__":
    main()
