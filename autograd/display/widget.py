"""The widgets: the stepper and the explorer in a notebook, joined to the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.display import explorer
from autograd.display.page import asset
from autograd.display.stepper import MOST, page_data, script, style
from autograd.extras import need

if TYPE_CHECKING:
    from autograd.display.contributions import Walk


def stepper_widget(steps: Walk) -> Any:
    """Return a widget that shows `steps`.

    Its `position` is the number of the step that it shows, from 0, and can be read and set;
    its `step` is the `Step` itself. The page and the widget are the same script.

    Raises
    ------
    ImportError
        If anywidget is not installed.
    """
    traitlets, anywidget = _tools()
    base: Any = anywidget.AnyWidget
    drawn = steps.nearest(MOST)

    class Stepper(base):  # type: ignore[misc]
        _esm, _css = script(), style()
        page = traitlets.Dict().tag(sync=True)
        position = traitlets.Int(0).tag(sync=True)

        @property
        def step(self) -> Any:
            """The step that is shown."""
            return drawn[self.position]

        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            return _beside(super()._repr_mimebundle_(**kwargs), steps)

        @traitlets.validate("position")  # type: ignore[untyped-decorator]
        def _within(self, proposal: Any) -> int:
            return int(min(max(0, proposal["value"]), len(drawn) - 1))

    return Stepper(page=page_data(drawn))


def explorer_widget(shown: Any) -> Any:
    """Return a widget that shows an `Explorer`.

    Its `numbers` are those that were moved, by name, and can be read and set; the page and the
    widget are the same modules.

    Raises
    ------
    ImportError
        If anywidget is not installed.
    """
    traitlets, anywidget = _tools()
    base: Any = anywidget.AnyWidget
    held = shown.data["engine"]

    class Exploring(base):  # type: ignore[misc]
        _esm, _css = f"{explorer.script()}\n{asset('joined.js')}", explorer.style()
        page = traitlets.Dict().tag(sync=True)
        numbers = traitlets.Dict().tag(sync=True)

        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            return _beside(super()._repr_mimebundle_(**kwargs), shown)

        @traitlets.validate("numbers")  # type: ignore[untyped-decorator]
        def _known(self, proposal: Any) -> dict[str, float]:
            unknown = [name for name in proposal["value"] if name not in held["names"]]
            if unknown:
                raise traitlets.TraitError(f"nothing is called {unknown[0]!r} in this graph")
            return {name: float(x) for name, x in proposal["value"].items()}

    return Exploring(page=shown.data)


def _tools() -> tuple[Any, Any]:
    """What a widget is made with."""
    names = ("traitlets", "anywidget")
    traitlets, anywidget = (
        need(name, "widget", "a widget", otherwise="the page does not") for name in names
    )
    return traitlets, anywidget


def _beside(made: Any, shown: Any) -> Any:
    """A widget's bundle; without a kernel, or where it is not trusted, the page takes its place."""
    data, metadata = made if isinstance(made, tuple) else (made, {})
    return {**(data or {}), **shown._repr_mimebundle_()}, metadata
