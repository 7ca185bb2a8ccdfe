"""The mutation bar: every mutant that is an error is found, and so is every bug of the sweep."""

import equivalents
import mutants
import pytest
import sweep_bugs
from killers import is_in_order

from autograd.functions import rules
from autograd.graph import sweep


@pytest.mark.parametrize("name", rules.TABLE)
def test_every_row_is_in_order(name):
    """No false alarm: what is asked of the mutants, the rows themselves answer."""
    assert is_in_order(rules.TABLE[name])


def test_every_mutant_of_the_table_is_killed_or_reviewed():
    found = list(mutants.mutants())
    alive = {mutant.name for mutant in found if is_in_order(mutant.row)}
    assert not alive - set(equivalents.REVIEWED), "mutants that no test of the table notices"
    assert not set(equivalents.REVIEWED) - alive, "reviewed as equivalent, but there is none such"
    assert len(found) > 1000


def test_every_row_has_mutants():
    mutated = {mutant.row.name for mutant in mutants.mutants()}
    # predicates and sums have constant rules; a constant rule has mutants all the same
    assert mutated == set(rules.TABLE)


def test_the_sweep_obeys_the_laws():
    assert sweep_bugs.obeys_the_laws(sweep)


@pytest.mark.python_twin("these bugs are in sweep.py; those of C are in bugs_in_c.py")
@pytest.mark.parametrize(
    ("place", "instead"),
    [bug[1:] for bug in (*sweep_bugs.PLAIN, *sweep_bugs.OTHER_WAYS)],
    ids=[bug[0] for bug in (*sweep_bugs.PLAIN, *sweep_bugs.OTHER_WAYS)],
)
def test_a_planted_bug_of_the_sweep_is_found(place, instead):
    assert not sweep_bugs.obeys_the_laws(sweep_bugs.broken(place, instead))
