"""The identity file: made once, kept for its owner, shared by no two processes, and named when it cannot be used."""

import logging
import os
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from p2pgame.core.errors import P2PGameError
from p2pgame.core.ids import peer_id_of
from p2pgame.storage import files
from p2pgame.storage.files import write_atomically
from p2pgame.storage.identity import open_identity
from p2pgame.storage.known_peers import KnownPeers
from p2pgame.storage.recordings import Recordings
from p2pgame.storage.settings import Settings, save_settings
from tests.unit.storage.matches import header, match_id

HOLDER = """
import sys
from pathlib import Path
from p2pgame.storage.identity import open_identity
sys.stdin.readline()
identity = open_identity(Path(sys.argv[1]))
print(identity.peer_id, identity.ephemeral, flush=True)
sys.stdin.readline()
"""


def remembered(data_dir: Path) -> str:
    """The peer id in the file, read by nothing of ours."""
    key = load_pem_private_key((data_dir / "identity.pem").read_bytes(), None).public_key()
    assert isinstance(key, Ed25519PublicKey)
    return peer_id_of(key.public_bytes_raw())


def test_it_is_made_once_and_stays(tmp_path: Path) -> None:
    first = open_identity(tmp_path / "new" / "deep")
    made = (first.peer_id, first.certificate)
    assert first.peer_id == remembered(tmp_path / "new" / "deep")
    del first
    again = open_identity(tmp_path / "new" / "deep")
    assert (again.peer_id, again.certificate) == made
    assert not again.ephemeral


posix = pytest.mark.skipif(os.name == "nt", reason="no permission bits there")


@pytest.fixture(params=[0, 0o022, 0o077], ids="umask {:03o}".format)
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
@pytest.mark.usefixtures("_umask")
def test_only_its_owner_can_read_what_is_in_the_directory(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    identity = open_identity(data_dir)
    known = KnownPeers(data_dir)
    known.met(identity.peer_id, "Ann", 1.0)
    save_settings(data_dir, Settings(name="Ann"))
    recordings = Recordings(data_dir, identity.peer_id, lambda _: None)
    recordings.start()
    recordings.write(match_id(1), [header(match=1)])
    recordings.report(match_id(1), [header(match=1)])
    recordings.close()
    known.close()
    modes = {str(path.relative_to(tmp_path)): (path.is_dir(), mode(path)) for path in tmp_path.rglob("*")}
    assert len(modes) >= 7
    assert {name: found for name, found in modes.items() if found[1] != (0o700 if found[0] else 0o600)} == {}


@posix
def test_what_others_could_read_is_mended_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data_dir = tmp_path / "data"
    open_identity(data_dir).release()
    KnownPeers(data_dir).close()
    loose = {"": 0o755, "identity.pem": 0o644, "identity.lock": 0o666, "known.db": 0o640}
    for name, bits in loose.items():
        (data_dir / name).chmod(bits)
    with caplog.at_level(logging.WARNING):
        open_identity(data_dir)
        KnownPeers(data_dir).close()
    assert {name: mode(data_dir / name) for name in loose} == {
        name: 0o600 if name else 0o700 for name in loose
    }
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == len(loose)
    assert all(str(data_dir / name) in " ".join(said) for name in loose)


@posix
def test_a_directory_that_is_shared_on_purpose_is_left_as_it_is(tmp_path: Path) -> None:
    """As root: --data-dir /tmp."""
    tmp_path.chmod(0o1777)
    open_identity(tmp_path)
    assert mode(tmp_path) == 0o1777
    assert mode(tmp_path / "identity.pem") == 0o600


def test_the_certificate_is_what_the_handshake_needs(tmp_path: Path) -> None:
    identity = open_identity(tmp_path)
    certificate = x509.load_der_x509_certificate(identity.certificate)
    key = certificate.public_key()
    assert isinstance(key, Ed25519PublicKey)
    assert key.public_bytes_raw() == identity.public_key
    assert peer_id_of(identity.public_key) == identity.peer_id
    assert (certificate.not_valid_before_utc.year, certificate.not_valid_after_utc.year) == (2000, 9999)
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert [extension.oid for extension in certificate.extensions] == [x509.BasicConstraints.oid]
    assert len(identity.certificate) < 4096
    key.verify(identity.sign(b"text"), b"text")


@pytest.mark.parametrize("memory_files", [True, False])
def test_the_key_is_never_written_outside_of_the_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory_files: bool
) -> None:
    """Killed at the moment when OpenSSL reads the key, which no `finally` cleans up."""
    if not memory_files:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    elif not hasattr(os, "memfd_create"):
        pytest.skip("this system has no files of memory")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    seen: list[tuple[str, bytes]] = []

    class Spy:
        def load_cert_chain(self, path: Path | str) -> None:
            seen.append((str(path), Path(path).read_bytes()))
            assert [*(tmp_path / "tmp").iterdir()] == []
            for left in (tmp_path / "data").glob("*loading*"):
                os.link(left, tmp_path / "data" / f"{left.name}-killed")

    identity = open_identity(tmp_path / "data")
    identity.load_into(Spy())  # type: ignore[arg-type]
    (path, content), *_ = seen
    assert b"PRIVATE KEY" in content
    assert path.startswith("/proc/self/fd/" if memory_files else str(tmp_path / "data"))
    identity.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    identity.release()
    again = open_identity(tmp_path / "data")
    assert not [*(tmp_path / "data").glob("*loading*")], "left by the killed one"
    assert again.peer_id == identity.peer_id


def test_a_second_one_in_the_directory_gets_a_passing_identity(tmp_path: Path) -> None:
    first, second = open_identity(tmp_path), open_identity(tmp_path)
    assert not first.ephemeral
    assert second.ephemeral
    assert first.peer_id != second.peer_id
    assert remembered(tmp_path) == first.peer_id


@pytest.mark.parametrize("there_already", [False, True], ids=["first run", "later run"])
def test_processes_started_at_once_share_nothing_and_spoil_nothing(
    tmp_path: Path, there_already: bool
) -> None:
    if there_already:
        open_identity(tmp_path)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    lines = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        assert process.stdout is not None
        lines.append(process.stdout.readline().split())
    for process in processes:
        process.communicate("end\n", timeout=10)
        assert process.returncode == 0
    owners = [peer for peer, ephemeral in lines if ephemeral == "False"]
    assert owners == [remembered(tmp_path)]
    assert len({peer for peer, _ in lines}) == len(lines)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["identity.lock", "identity.pem"]


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    peer = process.stdout.readline().split()[0]
    process.kill()
    process.communicate()
    identity = open_identity(tmp_path)
    assert (identity.peer_id, identity.ephemeral) == (peer, False)


def damaged(path: Path) -> dict[str, bytes]:
    good = path.read_bytes()
    rsa = generate_private_key(65537, 2048)
    begin = good.index(b"-----BEGIN CERTIFICATE")
    secret = load_pem_private_key(good, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    return {
        "empty": b"",
        "noise": bytes(range(256)),
        "cut": good[:-40],
        "no certificate": good[:begin],
        "no key": good[begin:],
        "of another kind": rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + good[begin:],
        "with a password": secret + good[begin:],
    }


@pytest.mark.parametrize(
    "how", ["empty", "noise", "cut", "no certificate", "no key", "of another kind", "with a password"]
)
def test_a_damaged_file_is_named_in_one_line_and_left_alone(tmp_path: Path, how: str) -> None:
    open_identity(tmp_path)
    path = tmp_path / "identity.pem"
    content = damaged(path)[how]
    path.write_bytes(content)
    with pytest.raises(P2PGameError) as error:
        open_identity(tmp_path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert path.read_bytes() == content


def test_two_identities_mixed_in_one_file_are_refused(tmp_path: Path) -> None:
    open_identity(tmp_path / "a")
    open_identity(tmp_path / "b")
    one, other = ((tmp_path / name / "identity.pem").read_bytes() for name in "ab")
    cut = one.index(b"-----BEGIN CERTIFICATE")
    (tmp_path / "a" / "identity.pem").write_bytes(one[:cut] + other[other.index(b"-----BEGIN CERTIFICATE") :])
    with pytest.raises(P2PGameError, match="not_an_identity"):
        open_identity(tmp_path / "a")


def test_a_certificate_that_openssl_does_not_take_is_named_in_one_line(tmp_path: Path) -> None:
    identity = open_identity(tmp_path)
    identity.release()
    path = tmp_path / "identity.pem"
    lines = path.read_bytes().split(b"\n")
    first = lines.index(b"-----BEGIN CERTIFICATE-----") + 1
    lines[first] = b"A" * 8 + lines[first][8:]
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(P2PGameError, match="identity_damaged") as error:
        open_identity(tmp_path).load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert str(path) in str(error.value)


@pytest.mark.parametrize("where", ["", "below", "identity.pem", "identity.lock"])
def test_a_directory_that_cannot_be_used_is_named_in_one_line(tmp_path: Path, where: str) -> None:
    """Permission bits do not stop root: a file stands where a directory must be, or the other way round."""
    data_dir = tmp_path / "data"
    if where in ("", "below"):
        data_dir.write_bytes(b"a file")
    else:
        (data_dir / where).mkdir(parents=True)
    with pytest.raises(P2PGameError) as error:
        open_identity(data_dir / where if where == "below" else data_dir)
    assert str(data_dir) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"
    write_atomically(target, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
