"""The openings of Gomoku once more, as the rule books tell them: an oracle for `p2pgame.games.gomoku.openings`.

Each procedure is a generator. It yields who is asked and everything that may be answered, and is sent the answer: a
point ``(x, y)`` or a word. It ends where free play begins, and returns the player who has Black.
"""

from collections.abc import Callable, Generator

__all__ = ["PROCEDURES", "Ask", "At", "Table"]

At = tuple[int, int]
Ask = tuple[int, frozenset[At | str]]
"""The player, and the answers."""
Procedure = Generator[Ask, At | str, int]
COLOURS: frozenset[At | str] = frozenset(("black", "white"))


class Table:
    """The stones, in the order in which they were put, and the size of the board."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.stones: list[At] = []

    @property
    def free(self) -> frozenset[At]:
        every = ((x, y) for x in range(self.size) for y in range(self.size))
        return frozenset(at for at in every if at not in self.stones)

    def middle(self, side: int) -> frozenset[At]:
        """The free points of the square of `side` points around the centre."""
        centre, reach = self.size // 2, side // 2
        return frozenset(at for at in self.free if all(abs(a - centre) <= reach for a in at))

    def put(self, at: At | str) -> None:
        assert isinstance(at, tuple)
        self.stones.append(at)

    def alike(self, one: At, other: At) -> bool:
        """Whether a turn or a reflection, with a shift, takes each colour to itself and `one` to `other`."""
        black, white = self.stones[0::2], self.stones[1::2]
        for turn in TURNS:
            turned = [[turn(at) for at in side] for side in (black, white)]
            begin = min(turned[0])
            for target in black:
                dx, dy = target[0] - begin[0], target[1] - begin[1]

                def moved(at: At, dx: int = dx, dy: int = dy) -> At:
                    return at[0] + dx, at[1] + dy

                same = all(
                    {moved(at) for at in now} == set(was)
                    for now, was in zip(turned, (black, white), strict=True)
                )
                if same and moved(turn(one)) == other:
                    return True
        return False


TURNS: list[Callable[[At], At]] = [
    lambda at: (at[0], at[1]),
    lambda at: (-at[1], at[0]),
    lambda at: (-at[0], -at[1]),
    lambda at: (at[1], -at[0]),
    lambda at: (-at[0], at[1]),
    lambda at: (at[0], -at[1]),
    lambda at: (at[1], at[0]),
    lambda at: (-at[1], -at[0]),
]


def chosen(player: int, word: At | str) -> int:
    """Who has Black after `player` said its colour."""
    return player if word == "black" else 1 - player


def swap(table: Table) -> Procedure:
    """The first player puts three stones; the second one chooses a colour."""
    for _ in range(3):
        table.put((yield 0, table.free))
    return chosen(1, (yield 1, COLOURS))


def swap2(table: Table) -> Procedure:
    """The same; or the second one puts two stones more, and the first one chooses."""
    for _ in range(3):
        table.put((yield 0, table.free))
    word = yield 1, COLOURS | {"more"}
    if word != "more":
        return chosen(1, word)
    for _ in range(2):
        table.put((yield 1, table.free))
    return chosen(0, (yield 0, COLOURS))


def pro(table: Table, closed: int = 5) -> Procedure:
    """The first stone is in the centre, the third one outside of a middle square. Nobody changes colours."""
    table.put((yield 0, table.middle(1)))
    table.put((yield 1, table.free))
    table.put((yield 0, table.free - table.middle(closed)))
    return 0


def long_pro(table: Table) -> Procedure:
    return pro(table, 7)


def rif(table: Table) -> Procedure:
    """One of the 26 openings, a swap; White's fourth stone anywhere; Black offers two fifth ones, White picks."""
    for side in (1, 3, 5):
        table.put((yield 0, table.middle(side)))
    black = chosen(1, (yield 1, COLOURS))
    table.put((yield 1 - black, table.free))
    yield from offered(table, black, 2)
    return black


def taraguchi_10(table: Table) -> Procedure:
    """After each of four stones in squares that grow, the other side may swap.

    Then a fifth stone and a last swap, or ten fifth stones of which White picks one.
    """
    black = 0
    for number, side in enumerate((1, 3, 5, 7)):
        mover = black if number % 2 == 0 else 1 - black
        table.put((yield mover, table.middle(side)))
        if number < 3:
            black = chosen(1 - mover, (yield 1 - mover, COLOURS))
    word = yield black, COLOURS | {"offer"}
    if word == "offer":
        yield from offered(table, black, 10)
        return black
    black = chosen(black, word)
    table.put((yield black, table.middle(9)))
    return chosen(1 - black, (yield 1 - black, COLOURS))


def offered(table: Table, black: int, count: int) -> Generator[Ask, At | str, None]:
    """Black offers so many fifth stones, none like another one, and White puts one of them."""
    points: list[At] = []
    for _ in range(count):
        fresh = frozenset(
            at
            for at in table.free
            if at not in points and not any(table.alike(at, point) for point in points)
        )
        point = yield black, fresh
        assert isinstance(point, tuple)
        points.append(point)
    table.put((yield 1 - black, frozenset(points)))


PROCEDURES: dict[str, Callable[[Table], Procedure]] = {
    "swap": swap,
    "swap2": swap2,
    "pro": pro,
    "long_pro": long_pro,
    "RIF": rif,
    "taraguchi_10": taraguchi_10,
}
