"""The widget: the stepper in a notebook, joined to the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    traitlets = need("traitlets", "widget", "a widget", otherwise="the page does not")
    base: Any = need("anywidget", "widget", "a widget", otherwise="the page does not").AnyWidget
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
            # Without a kernel, or in a notebook that is not trusted, the page takes its place.
            made = super()._repr_mimebundle_(**kwargs)
            data, metadata = made if isinstance(made, tuple) else (made, {})
            return {**(data or {}), **steps._repr_mimebundle_()}, metadata

        @traitlets.validate("position")  # type: ignore[untyped-decorator]
        def _within(self, proposal: Any) -> int:
            return int(min(max(0, proposal["value"]), len(drawn) - 1))

    return Stepper(page=page_data(drawn))
