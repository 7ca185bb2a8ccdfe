"""Gradient testing that takes no tolerance: checks, oracles, laws and random programs.

What the library tests itself with, for other people's gradients too. Importing it is cheap; the
strategies need Hypothesis and the best oracle needs mpmath: `pip install 'glassgrad[testing]'`.
"""

from autograd.testing.gradients import check_gradients, check_vjp

__all__ = ["check_gradients", "check_vjp"]
