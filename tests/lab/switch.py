"""A user-space Ethernet switch: it joins TAP devices and spoils the frames between them, from a seed.

Runs as a process of its own (``python switch.py SEED CONTROL_FD PORT_FD...``), so that the tests' threads do
not add to its delays. Learns MAC addresses as a real switch does. It does not know what namespaces, hosts or
tests are: `tests.lab.lan` owns those.

ARP is never lost on purpose: the kernel waits a second to ask again, which would say nothing about us.
"""

import heapq
import json
import os
import random
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

__all__ = ["Impairment", "classify"]

MAX_FRAME = 65_536
MAX_QUEUE_S = 1.0
"""A rate-limited port holds this much, then drops the newest (tail drop)."""


@dataclass(frozen=True)
class Impairment:
    """What happens to the frames that one port sends. Chances are in 0..1 and drawn for each receiver."""

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    """Uniform, added to the delay; frames of one path still arrive in order."""
    loss: float = 0.0
    broadcast_loss: float = 0.0
    multicast_loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    """Such a frame is held back by `reorder_ms` and may be overtaken."""
    reorder_ms: float = 5.0
    rate_kbps: float = 0.0
    """0: no limit."""
    up: bool = True
    """False: the cable is out, in both directions."""


def classify(frame: bytes) -> tuple[str, str, int]:
    """(protocol, cast, UDP destination port or 0) of an Ethernet frame."""
    cast = "broadcast" if frame[:6] == b"\xff" * 6 else "multicast" if frame[0] & 1 else "unicast"
    ether_type = frame[12:14]
    if ether_type == b"\x08\x06":
        return "arp", cast, 0
    if ether_type == b"\x08\x00" and len(frame) >= 34:
        number, payload = frame[23], 14 + (frame[14] & 15) * 4
    elif ether_type == b"\x86\xdd" and len(frame) >= 54:
        number, payload = frame[20], 54
    else:
        return "other", cast, 0
    protocol = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp"}.get(number, "ip")
    port = int.from_bytes(frame[payload + 2 : payload + 4], "big") if protocol == "udp" else 0
    return protocol, cast, port


class Switch:
    """The ports, their impairments, and the frames under way."""

    def __init__(self, seed: int, ports: list[int]) -> None:
        self.ports = ports
        self.random = random.Random(seed)
        self.impairments = [Impairment() for _ in ports]
        self.counters: list[Counter[str]] = [Counter() for _ in ports]
        self.port_of_mac: dict[bytes, int] = {}
        self.queue: list[tuple[float, int, int, bytes]] = []
        self.serial = 0
        self.last_arrival: dict[tuple[int, int], float] = {}
        self.line_free_at = [0.0 for _ in ports]

    def receivers(self, source: int, frame: bytes) -> Iterator[int]:
        known = None if frame[0] & 1 else self.port_of_mac.get(frame[:6])
        if known is None:
            yield from (port for port in range(len(self.ports)) if port != source)
        elif known != source:
            yield known

    def forward(self, source: int, frame: bytes, now: float) -> None:
        """Take a frame from a port: count it, spoil it, queue what is left of it."""
        protocol, cast, udp_port = classify(frame)
        self.counters[source][f"{protocol}/{cast}/{udp_port}"] += 1
        self.port_of_mac[frame[6:12]] = source
        bad = self.impairments[source]
        if not bad.up:
            return
        sent_at = now
        if bad.rate_kbps:
            sent_at = max(self.line_free_at[source], now) + len(frame) * 8 / (bad.rate_kbps * 1000)
            if sent_at - now > MAX_QUEUE_S:
                return
            self.line_free_at[source] = sent_at
        cast_loss = {"broadcast": bad.broadcast_loss, "multicast": bad.multicast_loss}.get(cast, 0.0)
        for port in self.receivers(source, frame):
            if protocol != "arp" and (self.chance(bad.loss) or self.chance(cast_loss)):
                continue
            for _ in range(2 if self.chance(bad.duplicate) else 1):
                self.enqueue(source, port, frame, sent_at, bad)

    def chance(self, probability: float) -> bool:
        return probability > 0 and self.random.random() < probability

    def enqueue(self, source: int, port: int, frame: bytes, sent_at: float, bad: Impairment) -> None:
        due = sent_at + (bad.delay_ms + self.random.random() * bad.jitter_ms) / 1000
        if self.chance(bad.reorder):
            due += bad.reorder_ms / 1000
        else:
            due = max(due, self.last_arrival.get((source, port), 0.0))
            self.last_arrival[source, port] = due
        self.serial += 1
        heapq.heappush(self.queue, (due, self.serial, port, frame))

    def deliver(self, now: float) -> float | None:
        """Hand over every frame that is due. Returns the seconds until the next one, None if none waits."""
        while self.queue and self.queue[0][0] <= now:
            _, _, port, frame = heapq.heappop(self.queue)
            if self.impairments[port].up:
                try:
                    os.write(self.ports[port], frame)
                except (
                    OSError
                ):  # the host's device is down or its queue is full: as on a real wire, it is lost
                    self.counters[port]["undelivered"] += 1
        return max(0.0, self.queue[0][0] - time.monotonic()) if self.queue else None

    def control(self, request: dict[str, Any]) -> Any:
        """Carry out one request of the owner and return the answer."""
        if request["op"] == "impair":
            for port in request["ports"]:
                self.impairments[port] = replace(self.impairments[port], **request["changes"])
            return [asdict(bad) for bad in self.impairments]
        counters = [dict(counter) for counter in self.counters]
        if request["reset"]:
            self.counters = [Counter() for _ in self.ports]
        return counters


def read_frames(port: int, most: int = 64) -> Iterator[bytes]:
    for _ in range(most):
        try:
            yield os.read(port, MAX_FRAME)
        except OSError:  # nothing more to read, or the device is down
            return


def serve(switch: Switch, control: socket.socket) -> None:
    """Switch frames until the owner closes the control socket."""
    selector = selectors.SelectSelector()  # to the microsecond, where epoll waits whole milliseconds
    selector.register(control, selectors.EVENT_READ)
    for index, port in enumerate(switch.ports):
        selector.register(port, selectors.EVENT_READ, index)
    requests = control.makefile("rb")
    while True:
        ready = selector.select(switch.deliver(time.monotonic()))
        for key, _ in ready:
            if key.fileobj is control:
                line = requests.readline()  # the owner sends one line and waits for the answer
                if not line:
                    return
                control.sendall(json.dumps(switch.control(json.loads(line))).encode() + b"\n")
            else:
                for frame in read_frames(key.fd):
                    if len(frame) >= 14:
                        switch.forward(key.data, frame, time.monotonic())


if __name__ == "__main__":
    seed_, control_, *ports_ = map(int, sys.argv[1:])
    serve(Switch(seed_, ports_), socket.socket(fileno=control_))
