"""A snapshot in parts, and together again."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.session.match.snapshot_chunks import SnapshotAssembler, split
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import FRAME_MAX, STATE_MAX, STATE_PART

MATCH = "0123456789abcdef"
CHAIN = b"c" * 16


def parts(size: int) -> list[m.State]:
    return split(MATCH, 7, bytes(n % 251 for n in range(size)), CHAIN, reproduced=True)


@pytest.mark.parametrize("size", [1, STATE_PART - 1, STATE_PART, STATE_PART + 1, STATE_MAX])
def test_every_part_fits_a_frame_and_together_they_are_the_whole(size: int) -> None:
    whole, assembly = None, SnapshotAssembler()
    for part in parts(size):
        assert whole is None
        payload = m.encode_message(part)
        assert len(payload) <= FRAME_MAX
        assert m.decode_message(payload) == part
        whole = assembly.add(part)
    assert whole == bytes(n % 251 for n in range(size))


@pytest.mark.parametrize(
    "change",
    [{"frame": 8}, {"size": 200_000}, {"chain": b"x" * 16}, {"offset": 0}, {"offset": STATE_PART + 1}],
)
def test_parts_that_do_not_belong_together_are_refused(change: dict[str, object]) -> None:
    first, second, *_ = parts(150_000)
    assembly = SnapshotAssembler()
    assembly.add(first)
    with pytest.raises(RemoteProtocolError) as error:
        assembly.add(msgspec.structs.replace(second, **change))
    assert error.value.code == "bad_state"


@given(
    st.lists(
        st.builds(
            m.State,
            match=st.just(MATCH),
            frame=st.integers(0, 1),
            size=st.integers(1, 6),
            offset=st.integers(0, 6),
            data=st.binary(min_size=1, max_size=4),
            chain=st.just(CHAIN),
            reproduced=st.booleans(),
        ),
        max_size=8,
    )
)
def test_whatever_comes_no_more_is_kept_than_was_announced(stream: list[m.State]) -> None:
    assembly, whole = SnapshotAssembler(), None
    with suppress(RemoteProtocolError):
        for part in stream:
            whole = assembly.add(part)
            if whole is not None:
                break
    assert len(assembly._data) <= (stream[0].size if stream else 0)
    assert whole is None or len(whole) == stream[0].size
