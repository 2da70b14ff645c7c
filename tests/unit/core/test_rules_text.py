"""Every import of a module is found, wherever it stands."""

import ast
from pathlib import Path

import pytest

import p2pgame.games
from p2pgame.core.rules_text import RulesModule, imports_of, rules_modules

SOURCES = {
    "at the top": "import math\nfrom .moves import step\n\nLIMIT = (\n    3\n)\n",
    "as a module, last": "import math\nimport toy.moves\nLIMIT = 3\n",
    "over many lines": "from .moves import (\n    step,\n    turn,\n)\nLIMIT = 3\n",
    "in a function at the end": "LIMIT = 3\n\ndef f():\n    from .moves import step\n    return step\n",
    "in a branch that has another one": "if LIMIT:\n    from .moves import step\nelse:\n    step = None\n",
    "in an attempt": "try:\n    from .moves import step\nexcept ImportError:\n    step = None\n\nLIMIT = 3\n",
    "before the word in a text": 'from .moves import step\nTEXT = """\nimport this\nand that\n"""\nLIMIT = 3\n',
    "before the word in a comment": "from .moves import step\n\n# import\nx = [\n1]\n",
    "after another statement": "LIMIT = 3; from .moves import step\nx = 1\n",
    "behind a broken line": "from .moves \\\nimport step\nx = 1\n",
    "without a word": "LIMIT = 3\n",
}


def found_in(source: str, folder: Path) -> list[str]:
    (folder / "rules.py").write_text(source, "utf-8")
    (folder / "moves.py").write_text("", "utf-8")
    return [module.name for module in rules_modules(folder, "toy")]


@pytest.mark.parametrize("where", SOURCES)
def test_what_is_imported_is_found_as_the_whole_text_says(where: str, tmp_path: Path) -> None:
    whole = imports_of(ast.parse(SOURCES[where]), RulesModule("rules", "rules.py"), "toy")
    wanted = ["moves"] if any(each.module == "moves" for each in whole) else []
    assert found_in(SOURCES[where], tmp_path) == ["rules", *wanted]
    assert bool(wanted) == (where != "without a word")


@pytest.mark.parametrize("game", ["gomoku", "pong", "tron"])
def test_of_our_games_too(game: str) -> None:
    root = Path(p2pgame.games.__path__[0]) / game
    package = f"p2pgame.games.{game}"
    pending, wanted = ["rules"], {"rules"}
    while pending:
        name = pending.pop()
        source = (root / f"{name}.py").read_text("utf-8")
        for each in imports_of(ast.parse(source), RulesModule(name, f"{name}.py"), package):
            if each.module is not None and (module := each.module or each.name) not in wanted:
                wanted.add(module)
                pending.append(module)
    assert wanted - {"__init__"} == {module.name for module in rules_modules(root, package)} - {"__init__"}
