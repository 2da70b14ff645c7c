"""Lines from standard input, however they come in, to the end."""

import asyncio
from collections.abc import Iterable

import pytest

from p2pgame.cli.typed_lines import TypedLines


def lines_of(chunks: Iterable[bytes]) -> list[str]:
    """What is read of `chunks`."""
    source = iter(chunks)

    async def read_all() -> list[str]:
        typed = TypedLines(lambda _: next(source, b""))
        found = []
        while (line := await asyncio.wait_for(typed.get(), 5)) is not None:
            found.append(line)
        return found

    return asyncio.run(read_all())


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([], []),
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"on", b"e\ntw", b"o"], ["one", "two"]),
        ([b"windows\r\n\r\n"], ["windows", ""]),
        (["\u4f60\u597d\n".encode()[:2], "\u4f60\u597d\n".encode()[2:]], ["\u4f60\u597d"]),
        ([b"\xff\n"], ["\ufffd"]),
        ([b"x" * 9000, b"y" * 9000, b"\nz\n"], ["x" * 4096, "z"]),
        ([b"%d\n" % number for number in range(1000)], [str(number) for number in range(1000)]),
    ],
)
def test_lines(chunks: list[bytes], lines: list[str]) -> None:
    assert lines_of(chunks) == lines


def test_a_closed_input_is_an_end() -> None:
    def broken(_: int) -> bytes:
        raise OSError(9, "closed")

    async def read() -> str | None:
        return await asyncio.wait_for(TypedLines(broken).get(), 5)

    assert asyncio.run(read()) is None
