"""Models: a small GPT, classes and measures of the rows of tables, and any model at a glance."""

from typing import TYPE_CHECKING, Any

from nn.models.gpt import GPT
from nn.models.summaries import Summary, summary

if TYPE_CHECKING:
    from nn.models.classifier import Classifier as Classifier
    from nn.models.regressor import Regressor as Regressor

__all__ = ["Classifier", "GPT", "Regressor", "Summary", "summary"]

if not TYPE_CHECKING:  # to a type checker every name is there from the start

    def __getattr__(name: str) -> Any:
        """Import the models of tables, which need NumPy, when they are first asked for."""
        if name not in ("Classifier", "Regressor"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"nn.models.{name.lower()}"), name)
