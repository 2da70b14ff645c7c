"""The wire itself, for those who listen to it and lie on it: UDP datagrams over IPv4 with any source.

Knows Ethernet, IPv4 (RFC 791) and UDP (RFC 768); not what the datagrams mean.
"""

import socket
from contextlib import suppress
from dataclasses import dataclass, replace

from tests.lab.lan import DEVICE, Lan

__all__ = ["Datagram", "Wire"]

_EVERYTHING, _IPV4, _UDP = 0x0003, 0x0800, 17
_ETHERNET_HEADER, _IP_HEADER, _UDP_HEADER = 14, 20, 8

Endpoint = tuple[str, int]


@dataclass(frozen=True)
class Datagram:
    """One UDP datagram."""

    source: Endpoint
    target: Endpoint
    payload: bytes
    target_mac: bytes

    def saying(self, payload: bytes) -> "Datagram":
        return replace(self, payload=payload)


class Wire:
    """Everything that passes the device of `host`, and the means to send anything from it."""

    def __init__(self, lan: Lan, host: int) -> None:
        self._socket = lan.open_socket(host, socket.SOCK_RAW, socket.AF_PACKET)
        self._socket.bind((DEVICE, _EVERYTHING))  # with IPv4 alone it would hear nothing that goes out
        self._socket.setblocking(False)
        self._mac = self._socket.getsockname()[4]

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def heard(self) -> list[Datagram]:
        """Unicast datagrams that came in and went out since the last call, or since it was opened."""
        found = []
        while True:
            try:
                frame = self._socket.recv(65_536)
            except BlockingIOError:
                return found
            if not frame[0] & 1 and (datagram := _parse(frame)) is not None:
                found.append(datagram)

    def send(self, datagram: Datagram) -> None:
        """Send it from here, whatever source it names. Lost if the device's queue is full."""
        udp = b"".join(
            number.to_bytes(2, "big")
            for number in (
                datagram.source[1],
                datagram.target[1],
                _UDP_HEADER + len(datagram.payload),
                0,  # no checksum, which IPv4 allows
            )
        )
        ip = bytearray(b"\x45\0" + (_IP_HEADER + len(udp) + len(datagram.payload)).to_bytes(2, "big"))
        ip += b"\0\0\x40\0" + bytes([64, _UDP]) + b"\0\0"
        ip += socket.inet_aton(datagram.source[0]) + socket.inet_aton(datagram.target[0])
        ip[10:12] = _checksum(bytes(ip)).to_bytes(2, "big")
        ethernet = datagram.target_mac + self._mac + _IPV4.to_bytes(2, "big")
        with suppress(BlockingIOError):
            self._socket.send(ethernet + ip + udp + datagram.payload)


def _parse(frame: bytes) -> Datagram | None:
    ip = frame[_ETHERNET_HEADER:]
    if frame[12:14] != _IPV4.to_bytes(2, "big") or ip[9] != _UDP:
        return None
    length = (ip[0] & 15) * 4
    udp = ip[length:]
    source, target, size = (int.from_bytes(udp[at : at + 2], "big") for at in (0, 2, 4))
    return Datagram(
        source=(socket.inet_ntoa(ip[12:16]), source),
        target=(socket.inet_ntoa(ip[16:20]), target),
        payload=udp[_UDP_HEADER:size],
        target_mac=frame[:6],
    )


def _checksum(header: bytes) -> int:
    total = sum(int.from_bytes(header[at : at + 2], "big") for at in range(0, len(header), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
