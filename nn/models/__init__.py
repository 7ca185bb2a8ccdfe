"""Models: a small GPT, classes and measures of the rows of tables, and any model at a glance."""

from nn.models.classifier import Classifier
from nn.models.gpt import GPT
from nn.models.regressor import Regressor
from nn.models.summaries import Summary, summary

__all__ = ["Classifier", "GPT", "Regressor", "Summary", "summary"]
