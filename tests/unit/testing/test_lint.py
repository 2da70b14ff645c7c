"""The lint names the lines that two machines could read differently, and leaves sound rules alone."""

import importlib
from pathlib import Path

import pytest

from p2pgame.core.registry import Plugin, installed
from p2pgame.i18n import lint as words
from p2pgame.testing import lint_rules, lint_source


def lines(source: str) -> list[int]:
    return [finding.line for finding in lint_source(source)]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("import random", "import of random"),
        ("from random import randint", "import of random"),
        ("import os.path", "import of os.path"),
        ("import time, math", "import of time"),
        ("from datetime import date", "import of datetime"),
        ("import numpy as np", "import of numpy"),
        ("from .. import helper", "import of .."),
        ("from ..helper import x", "import of ..helper"),
        ("import mylib.board", "import of mylib.board"),
        ("from math import *", "math.*"),
        ("from p2pgame.net import node", "import of p2pgame.net"),
        ("from math import sqrt", "math.sqrt"),
        ("import math as m; y = m.sin(3)", "math.sin"),
        ("x = 0.5", "the float 0.5"),
        ("x = 1e3", "the float 1000.0"),
        ("x = 2j", "the float 2j"),
        ("x = a / b", "true division `/`"),
        ("x /= 2", "true division `/`"),
        ("x = 2 ** -1", "a power with the exponent `-1`"),
        ("x = 2 ** (a - b)", "a power with the exponent `a - b`"),
        ("def f(n): return n ** n", "a power with the exponent `n`"),
        ("x **= y", "a power with the exponent `y`"),
        ("x = pow(2, n)", "a power with the exponent `n`"),
        ("N = 3\ndef f(N): return 2 ** N", "a power with the exponent `N`"),
        ("N = -3\nx = 2 ** N", "a power with the exponent `N`"),
        ("x = 2 ** min(3, n)", "a power with the exponent `min(3, n)`"),
        ("x = 2 ** (n % k)", "a power with the exponent `n % k`"),
        ("x = float('1')", "`float`"),
        ("def f(x: float): pass", "`float`"),
        ("x = hash('a')", "`hash`"),
        ("x = sorted(y, key=id)", "`id`"),
        ("x = open('f')", "`open`"),
        ("def f():\n global n; n = 1", "global n"),
        ("cache = {}", "mutable module-level `cache`"),
        ("cache = dict()", "mutable module-level `cache`"),
        ("def f(seen=[]): pass", "mutable default argument"),
        ("SEEN: Final = []\ndef f(x): SEEN.append(x)", "change of module-level `SEEN`"),
        ("SEEN = {}\ndef f(x): SEEN[x] = 1", "change of module-level `SEEN`"),
        ("class A(Game):\n def f(self): self.n = 1", "change of self.n"),
        ("class A(Game[S, I, C]):\n def f(self): self.n += 1", "change of self.n"),
        ("class A(core.Game):\n def f(self): self.seen.append(1)", "change of self.seen"),
        ("class A(Game):\n def f(self): self.seen[1] = 2", "change of self.seen"),
        ("class S(Struct):\n a: set[int]", "a field of type set"),
        ("class S(Struct):\n a: tuple[frozenset[str], ...]", "a field of type frozenset"),
        ("def f(:", "syntax error"),
    ],
)
def test_what_can_differ_is_found_and_named(line: str, what: str) -> None:
    found = lint_source(f"first = 1\n{line}\n")
    assert what in [words.what(finding) for finding in found]
    assert all(finding.line >= 2 and words.why(finding) for finding in found)


@pytest.mark.parametrize(
    "code",
    [
        "for x in {1, 2}: pass",
        "for x in set(a): pass",
        "s = set(a)\nfor x in s: pass",
        "S: Final = frozenset('ab')\ndef f():\n return [x for x in S]",
        "def f(s: set[str]):\n for x in s: pass",
        "def f(s: 'a', t: frozenset[int] | None):\n return tuple(t)",
        "s = {x for x in a}\nt = list(s)",
        "s = {1}\nt = (*s, 2)",
        "s = {1} | other\nx = next(iter(s))",
        "s = set(a)\nt = s - {1}\nx = ','.join(t)",
        "s = set(a)\na, b = s",
        "s = set(a)\nx = s.pop()",
        "s = set(a)\nx = max(s, key=len)",
        "s = set(a)\nx = sorted((y for y in s), key=f)",
        "s = set(a)\nx = {y: 1 for y in s}",
        "s = set(a)\nx = dict.fromkeys(s)",
        "s = set(a)\nx = s.union(b)\nfor y in x: pass",
        "def f():\n s = set()\n def g():\n  for x in s: pass",
        "def near() -> set[int]: ...\nfor x in near(): pass",
        "class S:\n stars: frozenset[int]\ndef f(state):\n for x in state.stars: pass",
        "if (s := set(a)):\n for x in s: pass",
        "s = set(a)\nx = f'{s}'",
        "def f(a):\n while a:\n  for x in t: pass\n  t = s\n  s = set(a)",
    ],
)
def test_the_order_of_a_set_is_found(code: str) -> None:
    found = lint_source(code)
    assert "set_order" in [finding.what for finding in found], found
    assert any(words.what(finding).startswith("the order of the set `") for finding in found)


@pytest.mark.parametrize(
    "code",
    [
        "S: Final = frozenset('ab')\ndef f(x): return x in S",
        "def rules(a):\n s = set(a)\n x = sorted(s)",
        "def rules(a):\n s = set(a)\n x = len(s) + sum(s) + max(s)",
        "def rules(a):\n s = set(a)\n x = any(y > 1 for y in s)",
        "def rules(a):\n s = set(a)\n x = sorted(y + 1 for y in s)",
        "def rules(a):\n s = set(a)\n t = {y + 1 for y in s}\n ok = 3 in t",
        "def rules(a):\n s = set(a)\n s = sorted(s)\n for x in s: pass",
        "def rules(a):\n s = set(a)\n def f(s):\n  for x in s: pass",
        "for x in {1: 2}: pass",
        "for k, v in d.items(): pass",
        "from math import isqrt, gcd\nimport math\nx = math.isqrt(9) // 2",
        "from p2pgame.core import Game, Rng\nfrom collections.abc import Sequence\nimport msgspec",
        "__all__ = ['A']",
        "TABLE: Final = {1: 2}\n_NAMES = ['a']\ndef f(x): return TABLE[x]",
        "NAMES = ['a']\ndef f():\n NAMES = []\n NAMES.append(1)",
        "def f(id): return id",
        "def f():\n seen = []\n seen.append(1)\n return tuple(seen)",
        "class Work:\n def f(self): self.n = 1",
        "x = 2 ** 3 // 2 % 5",
        "x = 2 ** max(0, n) + 2 ** len(a) + 3 ** abs(n) + 2 ** (n % 8) + 2 ** (n & 7)",
        "N: Final = 3\nM = N * 2 + 1\ndef f(): return 10 ** N",
        "x = pow(3, n, 7)",
    ],
)
def test_sound_rules_are_left_alone(code: str) -> None:
    assert lint_source(code) == []


def test_a_reason_on_the_line_excuses_it_and_no_reason_does_not() -> None:
    assert lint_source("x = a / b  # deterministic: shown on screen only") == []
    assert lines("x = a / b  # deterministic:") == [1]
    assert lines("y = 1.5\nx = a / b  # deterministic: shown only\nz = 2.5") == [1, 3]


def test_findings_come_by_line() -> None:
    assert lines("x = 1.5\nfor y in {1}: pass\nimport random\nz = 1 / 2") == [1, 2, 3, 4]


@pytest.mark.parametrize("plugin", list(installed()), ids=lambda plugin: plugin.game.name)
def test_installed_games_are_clean(plugin: Plugin) -> None:
    rules = importlib.import_module(f"{plugin.package}.rules")
    assert lint_rules(Path(str(rules.__file__))) == []


def test_the_modules_that_rules_import_are_looked_at_and_those_outside_are_named(tmp_path: Path) -> None:
    texts = {
        "rules/__init__.py": "from ..board import X\nfrom . import moves\nimport mylib\nfrom ... import common\n",
        "rules/moves.py": "import grid_game.engine.core\nx = 1 / 2\n",
        "board.py": "X = 0.5\n",
        "engine/core.py": "import random\n",
        "view.py": "import pygame\n",
        "unused.py": "import random\n",
    }
    for name, text in texts.items():
        path = tmp_path / "grid_game" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = lint_rules(tmp_path / "grid_game" / "rules" / "__init__.py")
    assert [(finding.file, finding.line, words.what(finding)) for finding in found] == [
        ("rules/__init__.py", 3, "import of mylib"),
        ("rules/__init__.py", 4, "import of ..."),
        ("board.py", 1, "the float 0.5"),
        ("engine/core.py", 1, "import of random"),
        ("rules/moves.py", 2, "true division `/`"),
    ]
    assert "not of this game" in words.why(found[0])


def test_a_file_that_is_no_text_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_bytes(b"# \xff\xfe\n")
    assert [words.what(finding) for finding in lint_rules(tmp_path / "rules.py")] == ["syntax error"]
