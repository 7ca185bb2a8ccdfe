"""Saving: what a file holds of a model, and how the model is made of it again."""

from nn.saving.documents import SavedFileError
from nn.saving.saved import Saved, load, save

__all__ = ["Saved", "SavedFileError", "load", "save"]
