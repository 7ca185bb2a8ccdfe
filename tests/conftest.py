"""Settings of the whole test suite."""

import functools
import gc
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import HealthCheck, Phase, settings

from autograd.graph import crossing
from autograd.twin import native

HERE = Path(__file__).parent

# In CI the same examples each time, so that red means a change; elsewhere new ones each run.
settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("local", deadline=None)
# For mutants, of which one failure is enough to know.
settings.register_profile(
    "mutation",
    derandomize=True,
    deadline=None,
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
)
# Between two changes of a line.
settings.register_profile("quick", deadline=None, max_examples=15)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# What starts browsers, JupyterLab, commands or compilers, collects garbage a hundred times, or
# draws thousands of examples: left out by ``pytest -m "not slow"``, which is for between two
# changes of a line. A file, a folder, or the name of a test.
SLOW = (
    "hostile", "mutation", "typing", "display/test_explorer_page.py", "display/test_export.py",
    "display/test_film_page.py", "display/test_firefox.py", "display/test_lab.py",
    "display/test_layout.py", "display/test_notebooks.py", "display/test_page.py",
    "display/test_renderers.py", "display/test_site.py", "display/test_steps.py",
    "display/test_view.py",
    "nn/test_keeping.py", "nn/test_learning.py", "nn/test_main.py", "nn/test_modes.py",
    "nn/test_scikit_learn.py", "test_allocations.py", "test_benchmarks.py", "test_copying.py",
    "test_ieee_orders.py", "test_interrupts.py", "test_limits.py", "test_machine.py",
    "test_main.py", "test_numbers.py", "test_orders.py", "test_packaging.py", "test_pyodide.py",
    "test_rules_in_c.py", "test_storage.py", "test_subclasses.py", "test_threads.py",
    "test_twins.py", "testing/test_elementwise.py", "testing/test_functions_page.py",
    "testing/test_fuzz.py", "testing/test_jacobians.py", "testing/test_laws.py",
    "testing/test_oracles.py", "testing/test_planted.py", "testing/test_plugin.py",
    "testing/test_rows.py", "testing/test_strategies.py",
    "test_a_changed_file_is_refused_even_under_a_right_checksum_or_is_taken_up",
    "test_a_chain_of_a_hundred_thousand_is_walked_without_recursion",
    "test_a_fuzzed_file_is_refused_with_a_reason_or_is_the_same_model",
    "test_threads_write_one_file_while_others_read_it",
    "test_the_page_opens_them_and_finds_the_gradient_itself",
    "test_a_large_graph_has_a_png_of_limited_size", "test_twenty_thousand_nodes_collapse",
    "test_rows_of_a_hundred_thousand_operands_are_computed",
    "test_javascript_answers_what_python_does", "test_a_bug_in_the_javascript_is_noticed",
    "test_memory_is_that_of_few_states_whatever_the_length",
    "test_very_many_blocks_are_let_go_without_recursion",
    "test_a_million_scalars_take_some_tens_of_bytes_each",
    "test_a_scheme_is_the_best_of_all_extrapolations", "test_what_is_encoded_is_decoded",
    "test_nn_alone_does_not_import_scikit_learn", "test_no_ten_lines_stand_twice",
    # of the compiler: random programs by the hundred, and long ones
    "test_after_fuse_numbers_are_within_the_bound",
    "test_without_choices_value_and_gradient_are_eagers_to_the_bit",
    "test_through_choices_the_value_is_eagers_and_the_gradient_but_for_the_order_of_terms",
    "test_random_programs_answer_lane_by_lane", "test_sums_of_any_length_are_compiled",
    "test_sympy_24673_a_sum_of_a_hundred_thousand_operations_is_compiled",
    "test_a_chain_of_a_hundred_thousand_is_differentiated",
    "test_every_loss_of_every_model_by_every_optimiser", "test_c_answers_as_python_does",
    "test_the_adjoint_twice_is_eagers_hessian", "test_rows_of_many_operands_are_close",
    "test_second_derivatives_of_many_operands_are_eagers_at_ties_infinities_and_nan",
    "test_every_row_answers_as_the_table_does_where_python_raises",
    "test_what_is_written_out_is_what_the_function_answers",
    "test_a_program_gives_the_bits_of_eager_computation",
    "test_a_pass_leaves_its_program_as_it_was_and_has_nothing_to_do_twice",
    "test_a_gradient_takes_no_more_than_three_operations_for_one_of_its_function",
    "test_names_that_are_read_no_more_are_used_again_in_long_functions",
    "test_a_loss_that_is_no_mean_of_examples_has_a_program_of_the_batch",
    # of the rest: fourth derivatives in mpmath, code that takes only floats, reports with figures
    "test_every_derivative_of_a_power_up_to_the_fourth", "testing/test_opaque.py",
    "test_products_with_second_derivatives_are_accurate", "test_whatever_the_exponents",
    "test_the_largest_paths_of_random_programs_are_those_of_brute_force",
    "test_fractions_are_always_finite", "test_a_report_has_the_film", "test_ieee.py",
    "test_random_programs_after_random_moves_have_the_gradients_of_backward",
    "test_thousands_of_chains_beside_each_other_and_after_each_other",
    "test_the_oracle_agrees_with_numerical_differentiation_where_that_works",
    "test_more_epochs_go_on_bit_for_bit",
    "test_an_interrupted_run_is_resumed_with_the_very_objects",
    "test_any_sealed_content_is_refused_with_a_reason_or_loads",
    "test_it_is_saved_in_every_format", "test_every_container_trains_as_lists_do",
    "test_what_differs_is_refused_in_one_line_that_names_it",
    "test_binary_cross_entropy_of_logits_and_its_gradient_are_those_of_mpmath",
    "test_a_kill_at_any_moment_leaves_a_whole_file_and_the_next_write_cleans_up",
)  # fmt: skip

# What takes half a second and more for its sums, or starts Pythons of its own: slow too, but it
# runs on each version of Python (``-m "not slow or every_python"``), where SLOW does not.
EVERY_PYTHON = (
    # hundreds of points and programs for each row, to the last digits
    "test_first_partials_are_within_4_ulp_over_the_whole_domain",
    "test_first_partials_are_within_4_ulp_next_to_their_zeros_too",
    "test_local_partials_of_each_row", "test_partials_of_mpf_have_all_their_digits",
    "test_every_row_is_offered", "test_results_are_shared", "test_a_row_answers_as_python_does",
    "test_the_product_with_a_unit_vector_is_a_row_of_second_derivatives",
    "test_a_row_of_many_operands_and_its_expansion_have_one_gradient",
    "test_each_lane_is_answered_as_eager_answers_it",
    "test_a_special_lane_is_eagers_and_leaves_the_others_alone",
    "test_no_result_lies_where_one_of_its_operands_does",
    "test_no_derivative_of_a_complex_power_raises",
    "test_real_leaves_have_real_gradients_of_any_order",
    # long loops, large programs, solutions that take thousands of steps
    "test_a_second_derivative_of_a_deep_loop", "test_a_long_loop_is_compiled",
    "test_the_loss_of_a_transformer", "test_the_transformer_is_at_most_a_hundred_instructions",
    "test_a_thousand_nodes_are_checked", "test_what_is_reached_and_needed_and_how_deep_it_lies",
    "test_complex_eigenvalues_are_seen_through",
    "test_a_product_with_the_hessian_takes_linear_time",
    "test_a_slow_contraction_tells_its_radius_and_the_steps_that_it_takes",
    # trainings from one end to the other, again and again
    "nn/test_compiled.py", "nn/test_estimators.py",
    "test_a_run_taken_up_again_has_the_bits_of_one_without_a_break",
    "test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit",
    "test_several_paths_are_kept_by_name_and_drawn_beside_one_another",
    # processes
    "compiler/test_remote.py", "test_twin_choice.py",
    "test_what_is_small_stays_with_values_and_loads_no_numpy",
    "test_a_program_that_has_imported_nothing_reads_them",
    "test_importing_autograd_imports_neither_numpy_nor_the_compiler",
    "test_nothing_that_has_moved_is_imported_before_it_is_asked_for",
    "test_a_cell_of_a_notebook_is_called_by_its_number",
    "test_importing_the_package_imports_no_drawing_program",
    "test_a_new_file_has_the_mode_that_open_would_give_it",
    "test_the_progress_bar_is_that_of_the_notebook_where_there_is_one",
)  # fmt: skip


# What the twin of the engine cannot change, and why: a file, a folder, or the name of a test. Left
# out by ``-m "not one_twin"``, as the gate has it in the second of its two runs.
BUILDS = "it is built, installed or run in processes of its own, whatever runs here"
PAGES = "what a browser, a printer or node makes of a text that is written by then"
NO_NODE = "no node is made: functions of floats, of NumPy, or of mpmath"  # counted, in each test
TEXTS = "it is about sources, or names, as they are written"
FACES = "what is asked of estimators and commands: their numbers are those of fit, for either twin"
KIT = "what the kit says of functions: of their numbers, which either twin has to the bit"
FILES = "what stands in files, of numbers and texts that are taken from Values and put back"
PROGRAMS = "what a program computes, beside eager's numbers, which either twin has to the bit"
SPREAD = "groups in NumPy, in processes of their own: both twins trace the same ones"
PLACES = "where a drawing has what a snapshot holds, which is no node, and how that is written"
PLANTED = "whether what is planted in Python's rules and modules is noticed"
ONE_TWIN = {
    **dict.fromkeys([
        "mutation/test_bugs_in_c.py", "test_benchmarks.py", "test_packaging.py", "test_pyodide.py",
        "testing/test_plugin.py",
    ], BUILDS),
    **dict.fromkeys([
        "display/test_explorer_page.py", "display/test_export.py", "display/test_film_page.py",
        "display/test_firefox.py",
        "display/test_javascript.py", "display/test_lab.py", "display/test_page.py",
        "display/test_renderers.py", "display/test_try_page.py", "display/test_view.py",
        "test_the_page_opens_them_and_finds_the_gradient_itself",
    ], PAGES),
    **dict.fromkeys([
        "compiler/test_c.py", "compiler/test_passes.py", "compiler/test_python.py",
        "compiler/test_storing.py", "compiler/test_vectors.py",
        "test_ieee.py", "test_ieee_orders.py", "test_jets.py", "testing/test_differences.py",
        "testing/test_opaque.py", "testing/test_oracles.py", "testing/test_pointwise.py",
        "testing/test_precise.py", "testing/test_quotients.py", "testing/test_reports.py",
        "testing/test_table.py", "testing/test_testing_page.py", "testing/test_units.py",
        "testing/test_vjps.py",
        "test_a_bug_in_the_c_is_noticed", "test_c_and_python_give_the_same_bits",
        "test_of_code_that_takes_only_floats", "test_planted_faults_are_found",
        "test_a_row_answers_as_python_does", "test_a_row_is_written_or_lacks_a_word_for_a_reason",
        "test_random_programs_answer_lane_by_lane",
        "test_no_result_lies_where_one_of_its_operands_does", "test_floats_lie_in_their_domain",
        "test_a_kind_of_floats_that_is_named_twice_comes_twice_as_often",
        "test_floats_cover_magnitudes_ends_and_low_bits", "test_specials_come_on_request_only",
        "test_an_expression_is_parsed_or_refused_in_one_line",
        "test_a_csv_file_is_a_dataset_or_a_clear_error", "test_whatever_the_exponents",
    ], NO_NODE),
    **dict.fromkeys([
        "nn/test_estimators.py", "nn/test_learning.py", "nn/test_main.py",
        "nn/test_scikit_learn.py", "test_main.py", "test_six_of_six_learn_xor",
    ], FACES),
    **dict.fromkeys([
        "testing/test_elementwise.py", "testing/test_functions_page.py",
        "testing/test_jacobians.py", "testing/test_rows.py", "testing/test_strategies.py",
    ], KIT),
    **dict.fromkeys(["nn/test_checkpoints.py", "nn/test_keeping.py", "test_files.py"], FILES),
    "compiler/test_adjoint.py": PROGRAMS,
    "compiler/test_remote.py": SPREAD,
    **dict.fromkeys([
        "display/test_drawing.py", "display/test_engine.py", "display/test_layout.py",
    ], PLACES),
    **dict.fromkeys([
        "typing", "test_any_name_of_a_column_and_of_a_class_goes_through_every_command",
        "test_no_module_bears_the_name_of_a_public_function",
        "test_no_module_imports_itself_by_way_of_others", "test_no_ten_lines_stand_twice",
        "test_nothing_inside_a_package_imports_from_its_root",
    ], TEXTS),
    **dict.fromkeys([
        "testing/test_planted.py",
        "test_every_mutant_of_the_table_is_killed_or_reviewed", "test_every_row_has_mutants",
        "test_every_row_is_in_order", "test_with_a_mend_taken_back_the_fault_is_found",
    ], PLANTED),
}  # fmt: skip


@functools.cache
def marks(path: Path) -> tuple[set[str], str]:
    """What a file is known by: its path and its folder; and why one twin is enough, if it is."""
    place = path.relative_to(HERE).as_posix()
    names = {place, place.partition("/")[0]}
    return names, next((why for name, why in ONE_TWIN.items() if name in names), "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and what the twin of the engine cannot change."""
    for item in items:
        if item.path.is_relative_to(HERE):
            names, why = marks(item.path)
            name = item.name.partition("[")[0]
            of_all = name in EVERY_PYTHON or not names.isdisjoint(EVERY_PYTHON)
            if of_all or name in SLOW or not names.isdisjoint(SLOW):
                item.add_marker(pytest.mark.slow)
            if of_all:
                item.add_marker(pytest.mark.every_python)
            if why := why or ONE_TWIN.get(name, ""):
                item.add_marker(pytest.mark.one_twin(why))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files of which no test would run are not read: to collect takes as long as to run many."""
    left_out = {
        "not slow": (*SLOW, *EVERY_PYTHON), "not slow or every_python": SLOW,
        "not one_twin": ONE_TWIN,
    }.get(config.option.markexpr, ())  # fmt: skip
    if collection_path.is_relative_to(HERE):
        return collection_path.relative_to(HERE).as_posix() in left_out or None
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """No doctests are looked for in tests, which have none: it takes seconds in each process."""
    return [found for found in (yield) if not isinstance(found, DoctestModule)]


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(report: pytest.TestReport) -> Generator[None, Any, Any]:
    """Of a test that passed nobody asks for its keywords, half of what a process sends of it."""
    data = yield
    return data | {"keywords": {}} if report.passed else data


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """With -n, let a file stay with one process, which makes what its tests share only once."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "worksteal"


def pytest_collection_finish():
    """What is loaded by now stays: no collection has to go through it again."""
    gc.collect()
    gc.freeze()


def pytest_configure(config):
    if config.option.markexpr == "not slow" and not os.environ.get("CI"):
        settings.load_profile("quick")
    config.addinivalue_line(
        "markers", "python_twin(reason): what is asked for, the C twin of the engine does not have"
    )
    config.addinivalue_line(
        "markers", "one_twin(reason): the twin of the engine cannot change it (tests/conftest.py)"
    )


def pytest_runtest_setup(item):
    marker = item.get_closest_marker("python_twin")
    if marker is not None and native:
        pytest.skip(f"the Python twin's alone: {marker.args[0]}")


@pytest.fixture
def plain_sweep():
    """The plain sweep runs: complex Values that other tests keep would have it done otherwise."""
    if crossing.CROSSED:
        gc.collect()  # those that are kept by cycles alone
    kept = crossing.CROSSED[:]
    crossing.CROSSED.clear()
    yield
    crossing.CROSSED.extend(kept)
