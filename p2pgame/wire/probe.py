"""Probes and proofs: who holds a listed key answers, and nobody can ask in another's name. Pure computing.

Each launch has an X25519 key of its own (RFC 7748), which its signed beacon tells. Prober and probed so share a key:

    k = H("probe key", X25519(ours, theirs), prober's exchange key, public key of the identity that is probed)
    tag of a probe = first 16 bytes of H("probe", k, count (u64), nonce)
    tag of a proof = first 16 bytes of H("proof", k, count (u64), nonce)

`k` names the probed identity, since anybody can copy the exchange key of another into its own beacon. One exchange for
each pair of programs, then a hash for each datagram: a signature would cost twenty times as much in a flood.
"""

import hmac
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from p2pgame.core.digest import digest
from p2pgame.wire.beacon import Probe, Proof

__all__ = ["TAG_SIZE", "ExchangeKey", "is_proof", "is_tagged", "make_probe", "make_proof"]

TAG_SIZE: Final = 16


class ExchangeKey:
    """Our key of this launch."""

    def __init__(self, private: bytes) -> None:
        """`private`: 32 random bytes."""
        self._private = X25519PrivateKey.from_private_bytes(private)
        self.public_key: bytes = self._private.public_key().public_bytes_raw()

    def key_to_probe(self, exchange_key: bytes, identity: bytes) -> bytes:
        """`k` for our probes of the `identity` (public key) whose beacon tells `exchange_key`. About 35 µs.

        b"" if that is no key to agree on anything with; then nothing ever proves it.
        """
        return self._derive(exchange_key, self.public_key, identity)

    def key_to_answer(self, exchange_key: bytes, identity: bytes) -> bytes:
        """`k` for probes under `exchange_key`, of us, whose public key is `identity`."""
        return self._derive(exchange_key, exchange_key, identity)

    def _derive(self, theirs: bytes, prober: bytes, probed: bytes) -> bytes:
        try:
            secret = self._private.exchange(X25519PublicKey.from_public_bytes(theirs))
        except ValueError:  # a point of low order (RFC 7748 §6.1)
            return b""
        return digest("probe key", secret, prober, probed)


def make_probe(key: bytes, exchange_key: bytes, count: int, nonce: bytes) -> Probe:
    """A probe under `key`; `exchange_key` is ours."""
    return Probe(exchange_key, count, nonce, _tag("probe", key, count, nonce))


def is_tagged(probe: Probe, key: bytes) -> bool:
    """Whether who shares `key` with us made `probe`."""
    return bool(key) and hmac.compare_digest(probe.tag, _tag("probe", key, probe.count, probe.nonce))


def make_proof(probe: Probe, key: bytes) -> Proof:
    return Proof(probe.nonce, _tag("proof", key, probe.count, probe.nonce))


def is_proof(proof: Proof, probe: Probe, key: bytes) -> bool:
    """Whether who shares `key` with us answered `probe` by `proof`."""
    return bool(key) and hmac.compare_digest(proof.tag, _tag("proof", key, probe.count, probe.nonce))


def _tag(label: str, key: bytes, count: int, nonce: bytes) -> bytes:
    return digest(label, key, count.to_bytes(8, "big"), nonce)[:TAG_SIZE]
