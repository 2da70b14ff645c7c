"""Files of other programs: what is legal of them, or one error, and it can be written again."""

from p2pgame.core.records import NODES_MAX, RecordError
from p2pgame.games.gomoku.records import Records
from p2pgame.games.gomoku.rules import GAME
from p2pgame.i18n.errors import sentence
from p2pgame.replay.foreign import main_line, replay_of
from p2pgame.replay.playback import Playback
from tests.fuzz.mutate import bent

mutate = bent
_RECORDS = Records()


def samples() -> list[bytes]:
    """Of each format; a file says by its first bytes which it is."""
    return [
        b"(;GM[4]FF[4]CA[UTF-8]SZ[15]RU[renju]PB[A\\]nn]PW[Ben]C[hi];B[hh];W[hi](;B[gg]C[x\\\ny])(;B[ii];W[]))",
        b"(;GM[4]SZ[19]OPENING[swap2];B[aa];W[bb];B[cc];CHOICE[more];W[dd];B[ee];CHOICE[black];W[ff])",
        b"(;GM[4]SZ[13]RU[renju]OPENING[RIF];B[gg];W[gf];B[hg];CHOICE[white];W[aa];OFFER[bb];OFFER[cd];B[bb])",
        b"(;GM[4]SZ[20]AB[aa:cc][tt]AW[ss]PL[W];W[rr])",
        b"Piskvorky 15x15, 11:11, 0\r\n8,8,0\r\n9,9,120\r\n1,1,5\r\na.zip\r\nb.zip\r\n-1\r\n",
        b"\xffRenLib\xff\x03\x04" + b"\xff" * 10 + b"\0\0\x78\x08hi\0\0\x79\x80\x8a\x40\x8a\x41\0\1xy\0\0",
    ]


def fuzz_one(data: bytes) -> None:
    form = "lib" if data[:1] == b"\xff" else "psq" if data[:1] == b"P" else "sgf"
    try:
        record = _RECORDS.read(data, form)
    except RecordError as error:
        _one_line(sentence(error))
        return
    for problem in record.problems:
        _one_line(sentence(problem))
    assert record.root.count() <= NODES_MAX
    assert all(text.isprintable() for name in record.names for text in name.split("\n"))
    again = _RECORDS.read(_RECORDS.write(record, "sgf"), "sgf")
    assert again.problems == ()
    assert again.root.count() == record.root.count()
    playback = Playback(replay_of(record, main_line(record.root), GAME, "0" * 16), GAME)
    playback.rules.render(playback.frames, playback.state(playback.frames))


def _one_line(text: str) -> None:
    assert text.isprintable()
    assert len(text) < 400
