"""Writes the vectors into docs/: ``python -m tests.vectors``."""

from tests.vectors.files import DOCS, expected

for name, text in expected().items():
    (DOCS / name).write_text(text, "utf-8")
    print(DOCS / name)
