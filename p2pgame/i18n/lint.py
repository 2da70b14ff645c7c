"""The findings of the lint (`p2pgame.testing.lint`) in words."""

from typing import Final

from p2pgame.i18n.catalogue import gettext
from p2pgame.testing.lint import LintFinding

__all__ = ["WHAT_SENTENCES", "WHY_SENTENCES", "what", "why"]

WHAT_SENTENCES: Final[dict[str, str]] = {
    "changed_attribute": "change of {subject}",
    "changed_global": "change of module-level `{subject}`",
    "float_function": "{subject}",
    "float_literal": "the float {subject}",
    "global_statement": "global {subject}",
    "import": "import of {subject}",
    "mutable_default": "mutable default argument",
    "mutable_global": "mutable module-level `{subject}`",
    "name": "`{subject}`",
    "power": "a power with the exponent `{subject}`",
    "set_field": "a field of type {subject}",
    "set_order": "the order of the set `{subject}`",
    "syntax_error": "syntax error",
    "true_division": "true division `/`",
}
WHY_SENTENCES: Final[dict[str, str]] = {
    "address": "is an address, another one in every process",
    "chance": "every machine draws other numbers: keep a p2pgame.core.Rng in the state",
    "clock": "clocks differ: count frames instead",
    "constant_is_final": "it outlives a rollback: what changes belongs in the state; a constant is Final",
    "core_only": "rules import p2pgame.core only, so that they run anywhere",
    "decimal": "its context is global and can be changed: keep to integers",
    "dynamic_code": "rules are what is written here",
    "dynamic_import": "imports are written at the top, where they can be checked",
    "exponent": "an exponent below 0 gives a float: say that it is none, as in `2 ** max(0, n)`",
    "float": "floats round differently from machine to machine: use integers (fixed point)",
    "hash_seed": "differs from process to process (PYTHONHASHSEED)",
    "integer_division": "floats round differently from machine to machine: use integers (fixed point); "
    "`//` divides integers",
    "machine": "machines differ: rules see the state and the inputs only",
    "other_numbers": "its numbers are floats or wrap around: keep to Python's integers",
    "outlives_rollback": "it outlives a rollback: what changes belongs in the state",
    "outside_game": "it is not of this game: peers compare the texts of the game's own modules only, and another may "
    "give other results elsewhere",
    "outside_world": "rules see the state and the inputs only",
    "set_order": "the order of a set differs from process to process: keep a tuple, or loop over sorted(...) "
    "without a key",
    "syntax": "{subject}",
    "tasks": "tasks run in another order each time",
    "threads": "threads run in another order each time",
}


def what(finding: LintFinding) -> str:
    """What was found."""
    return gettext(WHAT_SENTENCES[finding.what], subject=finding.subject)


def why(finding: LintFinding) -> str:
    """What can go wrong there, and what to do instead."""
    return gettext(WHY_SENTENCES[finding.why], subject=finding.subject)
