"""Records in the files of other programs: what is right is read, what is not is said, and SGF comes back the same."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2pgame.core import Setup
from p2pgame.core.records import NODES_MAX, Node, Record, RecordError
from p2pgame.core.terms import Clock
from p2pgame.games.gomoku.files.draft import played_by
from p2pgame.games.gomoku.records import Records
from p2pgame.games.gomoku.rules import (
    GAME,
    Config,
    Move,
    Opening,
    Rule,
    Size,
    State,
    illegal,
    legal_inputs,
    parse_point,
    position,
)

RECORDS = Records()
TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30).map(
    lambda text: " ".join(text.split())
)


def read(text: str | bytes, form: str = "sgf") -> Record:
    return RECORDS.read(text.encode() if isinstance(text, str) else text, form)


def codes(record: Record) -> list[str]:
    return [problem.code for problem in record.problems]


def line(record: Record) -> str:
    """The main line in the game's notation."""
    state: State = record.start or GAME.initial(Setup(2, 0, record.config))
    found = []
    for node in record.root.main_line():
        found.append(GAME.describe(state, node.move))
        state = played_by(state, node.move)
    return " ".join(found)


def tree(node: Node) -> tuple[object, ...]:
    return node.move, node.comment, tuple(tree(child) for child in node.children)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A tree of legal inputs under any configuration, with comments."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    rule: Rule = draw(st.sampled_from(("freestyle", "standard", "renju", "renju_fouls_refused", "caro")))
    size: Size = draw(st.sampled_from((13, 15, 19, 20)))
    opening: Opening = draw(st.sampled_from(("no_opening", "swap", "swap2", "pro", "RIF", "taraguchi_10")))
    config, start = Config(rule, size, opening), None
    if draw(st.booleans()):
        points = chance.sample(range(size * size), 7)
        start = position(Config(rule, size), points[:4], points[4:], colour=draw(st.integers(0, 1)))
        config = Config(rule, size)
    root = Node(None, draw(TEXT))
    first: State = start or GAME.initial(Setup(2, 0, config))
    nodes = [(root, first)]
    for _ in range(draw(st.integers(1, 30))):
        node, state = nodes[-1] if chance.random() < 0.8 else chance.choice(nodes)
        move = chance.choice([*state.choices, *(Move(chance.randrange(size * size)) for _ in range(3))])
        if state.asked is not None and state.asked.act != "offer":
            move = chance.choice([*legal_inputs(state)])
        fresh = all(move != child.move for child in node.children)
        if fresh and not state.over and illegal(state, move) is None:
            nodes.append(
                (node.add(move, draw(TEXT) if chance.random() < 0.3 else ""), played_by(state, move))
            )
    return Record(
        config=config,
        start=start,
        names=(draw(TEXT), draw(TEXT)),
        date=draw(st.sampled_from(("", "2026-11-27"))),
        result=draw(st.sampled_from(("", "B+R", "0"))),
        root=root,
    )


@settings(max_examples=40, deadline=None)
@given(records())
def test_sgf_goes_out_and_comes_back_the_same(record: Record) -> None:
    data = RECORDS.write(record, "sgf")
    again = read(data)
    assert again.problems == ()
    assert tree(again.root) == tree(record.root)
    assert (again.config, again.names, again.date, again.result) == (
        record.config,
        record.names,
        record.date,
        record.result,
    )
    if record.start is not None:
        assert (again.start.board, again.start.colour) == (record.start.board, record.start.colour)
    assert RECORDS.write(again, "sgf") == data


@settings(max_examples=80, deadline=None)
@given(records(), st.data())
def test_any_damage_to_a_file_is_survived(record: Record, data: st.DataObject) -> None:
    whole = RECORDS.write(record, "sgf")
    cut = data.draw(st.integers(0, len(whole)))
    noise = data.draw(st.binary(max_size=20))
    for damaged in (whole[:cut], whole[:cut] + noise, whole[:cut] + noise + whole[cut:]):
        try:
            found = read(damaged)
        except RecordError:
            continue
        read(RECORDS.write(found, "sgf"))


@settings(max_examples=200)
@given(st.binary(max_size=200), st.sampled_from(("sgf", "psq", "lib")))
def test_any_bytes_are_a_record_or_refused(data: bytes, form: str) -> None:
    heads = {
        "sgf": b"(;",
        "psq": b"Piskvorky 15x15, 0:0, 0\n",
        "lib": b"\xffRenLib\xff" + b"\x03\x04" + b"\xff" * 10,
    }
    for whole in (data, heads[form] + data):
        try:
            record = RECORDS.read(whole, form)
        except RecordError:
            continue
        assert record.root.count() <= NODES_MAX


def test_a_file_of_another_program() -> None:
    """What others write: no rule, no encoding, lower-case names of properties, a variation, a pass at the end."""
    record = read(
        "junk (;GM[4]FF[3]SZ[15]PB[Ann]PW[Ben \\] x]DT[2020-01-02]RE[W+R]C[two\nlines]"
        ";Black[hh];W[hi](;B[gg]C[main];W[gi])(;B[ii]N[other])) more junk"
    )
    assert codes(record) == []
    assert line(record) == "H8 H7 G9 G7"
    assert [
        GAME.describe(GAME.initial(Setup(2, 0, record.config)), c.move) for c in record.root.children
    ] == ["H8"]
    assert record.root.children[0].children[0].children[1].move == Move(parse_point("I7"))
    assert (record.names, record.date, record.result) == (("Ann", "Ben ] x"), "2020-01-02", "W+R")
    assert record.root.comment == "two\nlines"
    assert record.root.children[0].children[0].children[0].comment == "main"


def test_an_old_encoding_is_read() -> None:
    assert read("(;GM[4]CA[GBK]PB[张三];B[hh])".encode("gbk")).names[0] == "张三"
    assert read(b"(;GM[4]PB[J\xf6rg];B[hh])").names[0] == "Jörg"
    assert read("(;GM[4]PB[张三];B[hh])".encode("gbk")).names[0] == "张三", "no encoding is said"
    assert read(b"(;GM[4]PB[T\xf6\xf6];B[hh])").names[0] == "Töö"
    assert read(b"(;GM[4]CA[utf-7]PB[+ADw-x];B[hh])").names[0] == "+ADw-x"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "foreign_not_sgf"),
        ("hello", "foreign_not_sgf"),
        ("(;GM[1]SZ[19];B[pd])", "foreign_other_game"),
        ("(;GM[4]SZ[9];B[cc])", "foreign_board_size"),
        ("(;GM[4]SZ[99999999999999999999];B[cc])", "foreign_board_size"),
        ("(;GM[4]OPENING[sorcery];B[cc])", "foreign_opening"),
        ("(;GM[4]AB[hh]AW[hh];B[cc])", "foreign_setup"),
        ("(;GM[4]AB[zz];B[cc])", "foreign_setup"),
    ],
)
def test_what_is_no_record_is_refused(text: str, code: str) -> None:
    with pytest.raises(RecordError) as caught:
        read(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code", "moves"),
    [
        ("(;GM[4];B[hh];W[hi]", "foreign_cut", "H8 H7"),
        ("(;GM[4];B[hh];W[hi];B[g", "foreign_cut", "H8 H7"),
        ("(;GM[4];B[hh];W[hh];B[gg])", "foreign_illegal_move", "H8"),
        ("(;GM[4]SZ[15];B[hh];W[zz];B[gg])", "foreign_illegal_move", "H8"),
        ("(;GM[4];B[hh];B[hi])", "foreign_out_of_turn", "H8"),
        ("(;GM[4];B[hh];W[];B[hi])", "foreign_illegal_move", "H8"),
        ("(;GM[4];B[hh];W[hi];AB[aa];B[bb])", "foreign_setup_inside", "H8 H7"),
        ("(;GM[4];B[hh])(;GM[4];B[aa])", "foreign_more_games", "H8"),
        (
            "(;GM[4];B[ha];W[aa];B[hb];W[ab];B[hc];W[ac];B[hd];W[ad];B[he];W[ae])",
            "foreign_after_end",
            "H15 A15 H14 A14 H13 A13 H12 A12 H11",
        ),
    ],
)
def test_a_file_is_opened_as_far_as_it_is_right(text: str, code: str, moves: str) -> None:
    record = read(text)
    assert codes(record) == [code]
    assert line(record) == moves


def test_an_illegal_variation_leaves_the_others_alone() -> None:
    record = read("(;GM[4];B[hh](;W[hh];B[aa])(;W[hi];B[gg]))")
    assert codes(record) == ["foreign_illegal_move"]
    assert line(record) == "H8 H7 G9"


def test_the_rule_is_the_one_by_which_the_file_is_legal() -> None:
    six = "".join(f";B[{'abcefd'[i]}h];W[{'acegik'[i]}a]" for i in range(6))
    assert (read(f"(;GM[4]{six})").config.rule, read(f"(;GM[4]{six})").problems) == ("standard", ())
    assert codes(read(f"(;GM[4]RU[Freestyle]{six})")) == ["foreign_after_end"]
    passed = read("(;GM[4];B[hh];W[ii];B[ji];W[gg];B[aa];W[];B[bb])")
    assert (passed.config.rule, passed.problems) == ("renju", ())


def test_a_position_to_begin_with() -> None:
    record = read("(;GM[4]SZ[19]AB[aa:ca][jj]AW[sa]PL[W];W[ss])")
    assert codes(record) == []
    assert (record.start.stones, record.start.size, line(record)) == (5, 19, "S1")
    assert read("(;GM[4]AB[aa]AW[ba];B[ca])").start.colour == 0
    assert read("(;GM[4]AB[aa];W[ca])").start.colour == 1


def test_a_board_without_a_size_is_the_smallest_that_fits() -> None:
    assert read("(;GM[4];B[oo])").config.size == 15
    assert read("(;GM[4];B[ss])").config.size == 19
    assert read("(;GM[4];B[tt])").config.size == 20


def test_a_huge_file_is_read_in_part_and_quickly() -> None:
    many = "(;GM[4];B[hh]" + "(;W[hi])" * 80_000 + ")"
    record = read(many)
    assert "foreign_too_many_moves" in codes(record)
    assert 30_000 < record.root.count() <= NODES_MAX
    assert codes(read("(" * 100_000 + ";GM[4]")) == ["foreign_cut"]
    assert "foreign_too_large" in codes(read("(;GM[4];B[hh]C[" + "x" * 2_000_000 + "])"))
    assert len(read("(;GM[4]" + ";C[abc]" * 40_000 + ")").root.comment) < 5000


PSQ = (
    "Piskvorky 20x20, 11:11, 0\r\n11,10,0\r\n12,11,1016\r\n1,20,5\r\nC:\\ai\\pela.zip\r\nswine.zip\r\n-1\r\n"
)


def test_psq() -> None:
    record = read(PSQ, "psq")
    assert (codes(record), record.config.size, record.names) == ([], 20, ("pela.zip", "swine.zip"))
    assert line(record) == "K11 L10 A1"
    again = read(RECORDS.write(record, "psq"), "psq")
    assert (line(again), again.names, again.config) == (line(record), record.names, record.config)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Piskvorky 20x15, 0:0, 0\n", "foreign_board_size"),
        ("Piskvorky 10x10, 0:0, 0\n", "foreign_board_size"),
        ("Piskvorky\n", "foreign_not_psq"),
        ("", "foreign_not_psq"),
    ],
)
def test_what_is_no_psq_is_refused(text: str, code: str) -> None:
    with pytest.raises(RecordError) as caught:
        read(text, "psq")
    assert caught.value.code == code


def test_psq_cut_and_wrong() -> None:
    assert codes(read(PSQ[:50], "psq")) == ["foreign_cut"]
    assert codes(read("Piskvorky 15x15, 0:0, 0\n8,8,0\n8,8,0\n0\n", "psq")) == ["foreign_illegal_move"]
    assert codes(read("Piskvorky 15x15, 0:0, 0\n0,8,0\n0\n", "psq")) == ["foreign_illegal_move"]


def test_psq_of_an_opening_has_the_stones_and_not_the_choices() -> None:
    record = read("(;GM[4]OPENING[swap2]PB[Ann]PW[Ben];B[hh];W[ii];B[jj];CHOICE[black];W[gg])")
    assert (codes(record), line(record)) == ([], "H8 I7 J6 black G9")
    assert record.names == ("Ben", "Ann"), "player 1 chose Black"
    again = read(RECORDS.write(record, "psq"), "psq")
    assert (line(again), again.names) == ("H8 I7 J6 G9", ("Ann", "Ben"))
    with pytest.raises(RecordError, match="foreign_no_pass"):
        RECORDS.write(read("(;GM[4]RU[renju];B[hh];W[ii];B[ji];W[gg];B[aa];W[])"), "psq")
    with pytest.raises(RecordError, match="foreign_no_setup"):
        RECORDS.write(read("(;GM[4]AB[aa];W[ca])"), "psq")


def lib(*nodes: tuple[str, int, bytes]) -> bytes:
    """A library: each node a point or nothing, bits, and what follows the two bytes."""
    data = b"\xffRenLib\xff\x03\x04" + b"\xff" * 10
    for name, bits, rest in nodes:
        point = parse_point(name) if name else 0
        place = (14 - point // 15) * 16 + point % 15 + 1 if name else 0
        data += bytes((place, bits)) + rest
    return data


def test_renlib() -> None:
    data = lib(
        ("", 0, b""),
        ("H8", 0x08, b"first\b and\r\nmore\0\0"),
        ("H9", 0x80, b""),
        ("I9", 0x40, b""),
        ("I9", 0x01 | 0x40, b"\x00\x01AB\0\0"),
    )
    record = read(data, "lib")
    assert (codes(record), record.config) == ([], Config(clock="no clock"))
    old = read(lib(("H8", 0x48, "黑 A 点胜".encode("gb2312") + b"\0\0")), "lib")
    assert old.root.children[0].comment == "黑 A 点胜"
    first = record.root.children[0]
    assert (first.move, first.comment) == (Move(parse_point("H8")), "first\n and\nmore")
    assert [child.move for child in first.children] == [Move(parse_point("H9")), Move(parse_point("I9"))]
    assert [child.move for child in first.children[0].children] == [Move(parse_point("I9"))]
    assert tree(read(RECORDS.write(record, "sgf")).root) == tree(record.root)
    for cut in range(22, len(data)):
        read(data[:cut], "lib")
    assert codes(read(data[:-8], "lib")) == ["foreign_cut"]
    assert codes(read(lib(("H8", 0, b""), ("H8", 0x40, b"")), "lib")) == ["foreign_illegal_move"]
    with pytest.raises(RecordError, match="foreign_not_renlib"):
        read(data[1:], "lib")


def test_a_position_as_text_and_as_a_picture() -> None:
    record = read("(;GM[4];B[hh];W[hi])")
    text = RECORDS.write(record, "txt").decode()
    assert text.splitlines()[-1] == "H8 H7"
    assert "(O)" in text
    picture = RECORDS.write(record, "png")
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 5000


def test_a_format_that_nobody_knows() -> None:
    for call in (lambda: RECORDS.read(b"", "doc"), lambda: RECORDS.write(read("(;GM[4])"), "lib")):
        with pytest.raises(RecordError, match="foreign_format"):
            call()


@pytest.mark.parametrize(
    ("clock", "written"),
    [
        ("5 min", b"TM[300]"),
        ("3 min + 2 s", b"OT[2 fischer]TM[180]"),
        ("10 min + 3 x 30 s", b"OT[3x30 byo-yomi]TM[600]"),
        ("10 min a move", b"OT[1x600 byo-yomi]TM[0]"),
    ],
)
def test_a_clock_goes_out_and_comes_back(clock: Clock, written: bytes) -> None:
    root = node = Node()
    for point, left in ((112, (299_990, 0)), (113, (1_234_567, 0)), (98, (500, 2)), (99, None)):
        node = node.add(Move(point))
        node.clock = left
    root.children[0].add(Move(5)).clock = (1_000, 0)  # a variation
    made = Record(
        config=Config(clock=clock), names=("Ann", "Ben"), date="2026-11-27", result="B+T", root=root
    )
    data = RECORDS.write(made, "sgf")
    for part in written.replace(b"]TM", b"] TM").split():
        assert part in data
    for part in (b"BL[299.99]", b"WL[1234.567]", b"BL[0.5]", b"OB[2]", b"WL[1]"):
        assert part in data
    again = read(data)
    assert (again.config, again.names, again.date, again.result) == (
        made.config,
        made.names,
        made.date,
        "B+T",
    )
    assert timed(again.root) == timed(root)
    assert RECORDS.write(again, "sgf") == data


def timed(node: Node) -> tuple[object, ...]:
    return node.move, node.clock, tuple(timed(child) for child in node.children)


@pytest.mark.parametrize(
    "head",
    [
        "TM[soon]",
        "TM[300]OT[25/600 Canadian]",
        "TM[-1]",
        "TM[99999999999999999999]",
        "TM[12]",
        "OT[2 fischer]",
    ],
)
def test_a_clock_that_is_none_of_ours_is_left_out(head: str) -> None:
    found = read(f"(;GM[4]SZ[15]{head};B[hh]BL[1e9]OB[x];W[ii]WL[12.5]OW[99999])")
    assert found.config.clock == "no clock"
    assert [node.clock for node in found.root.main_line()] == [None, (12_500, 0)]
    assert codes(found) == []
