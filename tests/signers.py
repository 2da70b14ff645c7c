"""Identities for tests of discovery, by number and in the open, so that every run is the same; and their answers."""

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pgame.wire.beacon import Datagram, Ping, Pong, Probe, encode_pong, encode_proof
from p2pgame.wire.probe import ExchangeKey, is_tagged, make_proof

__all__ = ["Answers", "Signer"]


class Signer:
    """A real identity that is the same in every run."""

    def __init__(self, number: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
        self.public_key = self._key.public_key().public_bytes_raw()
        self.exchange = ExchangeKey(number.to_bytes(32, "little"))

    def sign(self, data: bytes, /) -> bytes:
        return self._key.sign(data)


class Answers:
    """Of one who has many identities: the public key of each, with the exchange key in its beacon."""

    def __init__(self, identities: Iterable[tuple[bytes, ExchangeKey]]) -> None:
        self._identities = list(identities)
        self._keys: dict[bytes, list[bytes]] = {}
        """By exchange key of the asker, as many as identities."""

    def to(self, message: Datagram) -> bytes | None:
        """A pong of whoever a ping names, and a proof of the identity that a probe asks; else None."""
        if isinstance(message, Ping):
            return encode_pong(Pong(message.nonce, message.instance))
        if not isinstance(message, Probe):
            return None
        asker = message.exchange_key
        if asker not in self._keys:
            self._keys[asker] = [own.key_to_answer(asker, public) for public, own in self._identities]
        key = next((key for key in self._keys[asker] if is_tagged(message, key)), None)
        return None if key is None else encode_proof(make_proof(message, key))
