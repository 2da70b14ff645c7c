"""The identity of this peer: an Ed25519 key and its self-signed certificate, created at the first run.

Kept as one PEM file in the data directory, readable by its owner only, written atomically. The key is written
nowhere else. Two processes never share an identity: the second process on a data directory gets an ephemeral one.
"""

import contextlib
import datetime as dt
import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import filelock
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pgame.core.errors import P2PGameError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.storage.files import mend, private_directory, system_reason, write_atomically

__all__ = ["Identity", "load_key", "open_identity", "put_identity_aside", "stored_peer_id"]

_FILE = "identity.pem"
_LOCK = "identity.lock"
_LOADING = "identity-loading-"
_CERTIFICATE = b"-----BEGIN CERTIFICATE"


class Identity:
    """A key pair with its certificate. `ephemeral`: forgotten when the process ends."""

    def __init__(
        self, key: Ed25519PrivateKey, certificate: bytes, data_dir: Path, *, ephemeral: bool
    ) -> None:
        """`certificate`: DER."""
        self.ephemeral = ephemeral
        self.public_key: bytes = key.public_key().public_bytes_raw()
        self.peer_id: PeerId = peer_id_of(self.public_key)
        self.certificate = certificate
        """DER, as the prologue carries it."""
        self._key = key
        self._data_dir = data_dir
        self._lock: filelock.BaseFileLock | None = None
        self._pem = _to_pem(key, certificate)

    def sign(self, data: bytes) -> bytes:
        """An Ed25519 signature (64 bytes)."""
        return self._key.sign(data)

    def load_into(self, context: ssl.SSLContext) -> None:
        """Give `context` our certificate and key. Raises `P2PGameError` if OpenSSL takes neither."""
        try:
            load_key(context, self._pem, self._data_dir)
        except ssl.SSLError as error:
            raise P2PGameError("identity_damaged", path=str(self._data_dir / _FILE)) from error

    def hold(self, lock: filelock.BaseFileLock) -> None:
        """Keep `lock` as long as this identity lives, or until `release`."""
        self._lock = lock

    def release(self) -> None:
        """Release the lock, so that another process can use this identity."""
        if self._lock is not None:
            self._lock.release()


def open_identity(data_dir: Path) -> Identity:
    """The identity of `data_dir`, made if there is none.

    If another process holds it, an ephemeral one. Raises `P2PGameError` if the directory cannot be
    used or the file is not an identity.
    """
    path, lock_path = data_dir / _FILE, data_dir / _LOCK
    try:
        private_directory(data_dir)
        mend(lock_path)
        # The network's thread releases what another one acquired.
        lock = filelock.FileLock(lock_path, timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except filelock.Timeout:
            return _create(data_dir, ephemeral=True)
        for left in data_dir.glob(f"{_LOADING}*"):  # the program was killed while it loaded its key
            left.unlink(missing_ok=True)
        if path.exists():
            mend(path)
            identity = _load(path)
        else:
            identity = _create(data_dir, ephemeral=False)
            write_atomically(path, identity._pem)  # noqa: SLF001
    except OSError as error:
        raise P2PGameError(
            "data_directory_unusable", path=str(data_dir), detail=system_reason(error)
        ) from error
    identity.hold(lock)
    return identity


def put_identity_aside(data_dir: Path) -> None:
    """Rename the identity of `data_dir`, so that `open_identity` makes a new one. Raises `P2PGameError`."""
    path = data_dir / _FILE
    try:
        path.replace(path.with_name(f"{_FILE}.old"))
    except OSError as error:
        raise P2PGameError(
            "data_directory_unusable", path=str(data_dir), detail=system_reason(error)
        ) from error


def stored_peer_id(data_dir: Path) -> PeerId | None:
    """The peer id of `data_dir`, whoever uses it now; None if there is none."""
    try:
        return _load(data_dir / _FILE).peer_id
    except (OSError, P2PGameError):
        return None


def load_key(context: ssl.SSLContext, pem: bytes, data_dir: Path) -> None:
    """Give `context` the key and certificate in `pem`. The `ssl` module reads files only.

    The file is one of memory where the system has such files, else one of `data_dir` for as long as it is read.
    """
    with _memory_file(pem) as path:
        if path is not None:
            context.load_cert_chain(path)
            return
    descriptor, name = tempfile.mkstemp(prefix=_LOADING, dir=data_dir)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        context.load_cert_chain(name)
    finally:
        Path(name).unlink(missing_ok=True)


@contextlib.contextmanager
def _memory_file(content: bytes) -> Iterator[Path | None]:
    """The path of a file that is on no disk; None where there is no such thing (only Linux has it)."""
    if not hasattr(os, "memfd_create"):
        yield None
        return
    with os.fdopen(os.memfd_create(_FILE), "wb") as file:
        file.write(content)
        file.flush()
        path = Path(f"/proc/self/fd/{file.fileno()}")
        yield path if path.exists() else None


def _create(data_dir: Path, *, ephemeral: bool) -> Identity:
    from cryptography import x509  # takes as long as reading an identity, which needs none of it
    from cryptography.x509.oid import NameOID

    key = Ed25519PrivateKey.generate()
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, peer_id_of(key.public_key().public_bytes_raw()))]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, None)
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    return Identity(key, der, data_dir, ephemeral=ephemeral)


def _load(path: Path) -> Identity:
    pem = path.read_bytes()
    try:
        key = serialization.load_pem_private_key(pem, password=None)
        certificate = ssl.PEM_cert_to_DER_cert(pem[pem.index(_CERTIFICATE) :].decode("ascii"))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise P2PGameError("identity_damaged", path=str(path)) from error
    if not isinstance(key, Ed25519PrivateKey) or _key_in_der(key) not in certificate:
        raise P2PGameError("not_an_identity", path=str(path))
    return Identity(key, certificate, path.parent, ephemeral=False)


def _key_in_der(key: Ed25519PrivateKey) -> bytes:
    """The public key as it stands in a certificate."""
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _to_pem(key: Ed25519PrivateKey, certificate: bytes) -> bytes:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + ssl.DER_cert_to_PEM_cert(certificate).encode()
