"""The example of docs/replays.md: one move of Gomoku, then White resigns. ``python -m tests.unit.replay.documented``
prints its vectors. The hashes of its states are made up, so that it depends on no rules."""

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.codec import MAGIC, encode_record
from p2pgame.replay.records import HASH_SHOWN, Decided, End, Header, Inputs, Note, Record
from p2pgame.replay.signing import statement
from p2pgame.wire.decisions import Ended, Resigned
from p2pgame.wire.runs import pack
from tests.unit.replay.made import IDS, KEYS, sign

__all__ = ["RECORDS", "vectors"]

FRAME = (bytes.fromhex("81a5706f696e7470"), None)
HEADER = Header(
    version="0.1.0",
    platform="example",
    game="gomoku",
    digest="0123456789abcdef",
    match="00112233445566aa",
    seed=1,
    config=bytes.fromhex("81a472756c65a9667265657374796c65"),
    players=(IDS[0], IDS[1]),
    names=("Ann", "Ben"),
    host=IDS[0],
    me=0,
)
FIRST = first_link(bytes(16))
SECOND = link(FIRST, FRAME, b"\x01" * 16)
OUTCOME = Outcome.by(EndedBy.RESIGNED, (0,))
LOG = DecisionLog(HEADER.match)
NO_DECISION = LOG.chain
ENTRIES = [LOG.write(1, Resigned(1)), LOG.write(1, Ended(OUTCOME))]
END = End(frame=1, hash=b"\x01" * 16, chain=SECOND, decisions=LOG.chain, outcome=OUTCOME)
RECORDS: list[Record] = [
    HEADER,
    Inputs(first=0, runs=pack([FRAME]), hashes=SECOND[:HASH_SHOWN], chain=SECOND),
    Note(frame=1, what="connection"),
    Note(frame=1, what="running"),
    *(Decided(entry=entry) for entry in ENTRIES),
    END,
    *sign(HEADER, END, 0, 1),
]


def vectors() -> dict[str, list[str]]:
    """Hex by name, as in the page."""
    return {
        "chain": [FIRST.hex(), SECOND.hex()],
        "entries": [entry.hex() for entry in ENTRIES],
        "decisions": [NO_DECISION.hex(), LOG.chain.hex()],
        "keys": [
            line
            for key in KEYS[:2]
            for line in (key.private_bytes_raw().hex(), key.public_key().public_bytes_raw().hex())
        ],
        "statement": [statement(HEADER, END).hex()],
        "file": [MAGIC.hex(), *(encode_record(record).hex() for record in RECORDS)],
    }


if __name__ == "__main__":
    for name, lines in vectors().items():
        print(f"```vector {name}", *lines, "```", "", sep="\n")
