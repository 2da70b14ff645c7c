"""The test vectors of docs/: computed by the program, written by ``python -m tests.vectors``, checked by the tests.

A vector has a name, what goes in, and what comes out. `docs/vectors.json` has all of them; docs/protocol.md shows the
outputs of most.
"""
