"""The inside of a match's datagram."""

from contextlib import suppress

import msgspec

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.bounds import INPUTS_AHEAD, PLAYERS_MAX
from p2pgame.wire.packet import PACKET_MAX, Block, Packet, decode_packet, encode_packet
from tests.fuzz.mutate import bent

mutate = bent


def samples() -> list[bytes]:
    left, right = (msgspec.msgpack.encode(move) for move in ("left", "right"))
    packets = [
        Packet(first=0, inputs=(), ack=0),
        Packet(first=70_000, inputs=(left,) * 7 + (right,), ack=69_990, advantage=-3, echo=(200, 16)),
        Packet(first=65_530, inputs=(left, right) * 20, ack=65_540, hash=(65_000, b"h" * 16), echo=(1, 255)),
        Packet(
            first=90,
            ack=88,
            echo=(3, 9),
            blocks=(Block(1, 85, (right,) * 8), Block(2, 90, (left, right))),
        ),
    ]
    return [bytes(2) + encode_packet(packet) for packet in packets]


def fuzz_one(data: bytes) -> None:
    near = int.from_bytes(data[:2], "big") * 97  # the receiver's own frame, 0 to 6,356,895
    with suppress(RemoteProtocolError):
        packet = decode_packet(data[2:], near, near)
        assert len(packet.inputs) <= INPUTS_AHEAD
        assert len(data) - 2 <= PACKET_MAX
        assert min(packet.first, packet.ack) >= 0
        assert abs(packet.first - near) <= 0x8000
        blocks = packet.blocks or ()
        assert len(blocks) <= PLAYERS_MAX
        assert all(1 <= len(block.inputs) <= INPUTS_AHEAD and block.first >= 0 for block in blocks)
        encode_packet(packet)
