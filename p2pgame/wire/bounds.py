"""Every bound of the session's protocol in one place (docs/protocol.md, "Bounds"). Pure numbers.

Those of discovery stand beside the beacon (`wire.beacon`, `discovery.table`, `discovery.schedule`).
"""

from typing import Annotated, Final

from msgspec import Meta

__all__ = [
    "ABSENT_AFTER",
    "ACCEPT_BURST",
    "ACCEPT_RATE",
    "BYTES_BURST",
    "BYTES_RATE",
    "CLAIM_AFTER",
    "CLAIM_TOLERANCE",
    "CONNECTIONS_MAX",
    "CONNECTIONS_PER_ADDRESS",
    "COUNTDOWN",
    "COUNTDOWN_MAX",
    "DECLINES_PATIENCE",
    "DELAY_MAX",
    "DESYNC_HASHES",
    "DIAL_LIMIT",
    "DIAL_TIMEOUT",
    "DISPUTE_TIMEOUT",
    "EPOCHS_AHEAD",
    "EPOCHS_MAX",
    "FRAME_MAX",
    "HANDSHAKE_BURST",
    "HANDSHAKE_RATE",
    "HASHES_AHEAD",
    "HEARTBEAT_INTERVAL",
    "HELLO_TIMEOUT",
    "HOST_ABSENT_AFTER",
    "INPUTS_AHEAD",
    "INVITES_PENDING_MAX",
    "INVITE_GAP",
    "INVITE_TIMEOUT",
    "KEPT_TIME",
    "KICK_TIME",
    "KNOWN_MAX",
    "LINK_BURST",
    "LINK_IDLE_TIMEOUT",
    "LINK_QUIET",
    "LINK_RATE",
    "LINK_SILENCE",
    "LOCAL_MAX",
    "LOG_FRAMES",
    "LOTS_TIME",
    "MATCH_TIMEOUT",
    "MEMBERS_MAX",
    "MESH_INTERVAL",
    "OFFERS_MAX",
    "OPENING_TIMEOUT",
    "PLAYERS_MAX",
    "PROLOGUE_CERTIFICATE_MAX",
    "PROLOGUE_TIMEOUT",
    "PROTOCOL",
    "PUBLISH_INTERVAL",
    "QUIET_TIME",
    "REPAIRS_MAX",
    "REPAIRS_SPAN",
    "REPAIR_TIMEOUT",
    "REQUESTS_PER_ADDRESS",
    "RESUME_INTERVAL",
    "RESUME_TIMEOUT",
    "REVEAL_TIMEOUT",
    "ROOM_JOIN_TIMEOUT",
    "ROOM_RETRY",
    "RUN_MAX",
    "SEEK_TIMEOUT",
    "SERIES_MAX",
    "SESSIONS_AHEAD",
    "SESSION_TIMEOUT",
    "STATE_MAX",
    "STATE_PART",
    "STRANGERS_BURST",
    "STRANGERS_BYTES_BURST",
    "STRANGERS_BYTES_RATE",
    "STRANGERS_HANDSHAKE_BURST",
    "STRANGERS_HANDSHAKE_RATE",
    "STRANGERS_LINKS_MAX",
    "STRANGERS_LINKS_PLAYING",
    "STRANGERS_PLAYING_RATE",
    "STRANGERS_RATE",
    "STRANGER_BURST",
    "STRANGER_RATE",
    "TABLE_TIME",
    "TEXT_MAX",
    "TLS_TIMEOUT",
    "TOLD_SECONDS",
    "VERIFY_PENDING_MAX",
    "VERIFY_TIMEOUT",
    "VOTE_GAP",
    "VOTE_TIME",
    "WATCHERS_MAX",
    "WATCH_RETRY",
    "Bytes16",
    "Bytes32",
    "Bytes64",
    "Code",
    "CodeOrNone",
    "Count",
    "Digest",
    "Epoch",
    "FrameNumber",
    "GameName",
    "Hex16",
    "Hex16OrNone",
    "Name",
    "Payload",
    "PlayerId",
    "Port",
    "Text",
    "Version",
]

PROTOCOL: Final = 2
"""Version of the whole protocol; peers of different numbers see each other and do not play."""

PROLOGUE_CERTIFICATE_MAX: Final = 4096
"""Bytes of a DER certificate."""
PROLOGUE_TIMEOUT: Final = 1.0
"""Seconds for the certificate to arrive."""
TLS_TIMEOUT: Final = 2.5
"""Seconds for the TLS handshake."""
HELLO_TIMEOUT: Final = 1.5
"""Seconds from TLS to the other side's hello."""
CONNECTIONS_MAX: Final = 128
"""TCP connections from others held at once, those in mid-handshake and those being closed included."""
CONNECTIONS_PER_ADDRESS: Final = 16
"""An IPv6 address stands for its /64, here and below."""
ACCEPT_RATE: Final = 1000.0
"""Connections a second that are taken from the system's queue in the long run ..."""
ACCEPT_BURST: Final = 500.0
"""... and at once."""
HANDSHAKE_RATE: Final = 8.0
"""TLS handshakes a second that one address may ask of us in the long run ..."""
HANDSHAKE_BURST: Final = 32.0
"""... and at once. Connections that do not get that far cost no token."""
STRANGERS_HANDSHAKE_RATE: Final = 20.0
"""TLS handshakes a second that all strangers together may ask of us in the long run ..."""
STRANGERS_HANDSHAKE_BURST: Final = 40.0
"""... and at once. A peer that we met or verified, at an address of its own, is no stranger."""
STRANGERS_PLAYING_RATE: Final = 4.0
"""The same while a match runs, in the long run and at once."""
STRANGERS_LINKS_MAX: Final = 64
"""Links that strangers opened to us ..."""
STRANGERS_LINKS_PLAYING: Final = 16
"""... and while a match runs."""

FRAME_MAX: Final = 64 * 1024
"""Bytes of one frame's payload."""
TEXT_MAX: Final = 200
"""Characters of a sentence for people."""
LINK_RATE: Final = 200.0
"""Messages a second that are read of one peer that we know, on all its links, in the long run ..."""
LINK_BURST: Final = 400.0
"""... and at once. What comes beyond it waits, in the end with its sender."""
BYTES_RATE: Final = 1024 * 1024
"""Bytes a second that are read of it in the long run ..."""
BYTES_BURST: Final = 4 * 1024 * 1024
"""... and at once."""
STRANGER_RATE: Final = 20.0
"""Messages a second that are read of one stranger in the long run ..."""
STRANGER_BURST: Final = 60.0
"""... and at once."""
STRANGERS_RATE: Final = 200.0
"""Messages a second that are read of all strangers together in the long run ..."""
STRANGERS_BURST: Final = 400.0
"""... and at once."""
STRANGERS_BYTES_RATE: Final = 128 * 1024
"""Bytes a second that are read of all strangers together in the long run ..."""
STRANGERS_BYTES_BURST: Final = 512 * 1024
"""... and at once."""
LINK_SILENCE: Final = 5.0
"""Seconds without a byte after which a link is lost."""
HEARTBEAT_INTERVAL: Final = 1.0
LINK_IDLE_TIMEOUT: Final = 10.0
"""Seconds that a link may stand without an invitation or a match on it."""

INVITE_TIMEOUT: Final = 30.0
INVITES_PENDING_MAX: Final = 8
"""Invitations received and not yet answered."""
REQUESTS_PER_ADDRESS: Final = 2
"""Of those, and of the comparisons of codes, how many may be of strangers at one address."""
INVITE_GAP: Final = 5.0
"""Seconds between two invitations, or two requests to compare codes, of one peer that reach the player."""
DECLINES_PATIENCE: Final = 3
"""After so many declined in a row ..."""
QUIET_TIME: Final = 60.0
"""... that peer's are declined without asking for so many seconds."""
REVEAL_TIMEOUT: Final = 3.0
"""Seconds from acceptance to the election of the host."""
LOTS_TIME: Final = 600.0
"""Seconds for which the nonces of an election hold that came to nothing."""
DIAL_TIMEOUT: Final = 1.5
"""Seconds to open a connection to an address, and again for the handshake on it, beyond what the round trip takes."""
DIAL_LIMIT: Final = 10.0
"""Seconds after which a dial has ended, however slow the network is and however many addresses a peer has."""
SESSION_TIMEOUT: Final = 8.0
"""Seconds from the election to the first state on both sides."""
MATCH_TIMEOUT: Final = 8.0
"""Seconds for the other side to confirm how a match ended: longer than LINK_SILENCE and LINK_QUIET together, after
which one side at least knows that the other cannot hear it."""
COUNTDOWN_MAX: Final = 3000
"""Milliseconds that are counted down at most before frames go on."""
OPENING_TIMEOUT: Final = 10.0
"""Seconds for a sealed input to be opened once all have committed, those while the session is broken not counted."""
VERIFY_TIMEOUT: Final = 60.0
"""Seconds from the request to compare codes to both players' word."""
VERIFY_PENDING_MAX: Final = 4
"""Comparisons of codes that others began."""
KNOWN_MAX: Final = 2000
"""Peers that are remembered."""
HASHES_AHEAD: Final = 256
"""State hashes of frames we have not reached that are kept."""
DELAY_MAX: Final = 10
"""Frames of input delay."""
INPUTS_AHEAD: Final = 128
"""Frames by which another player's inputs may be ahead of ours."""

LINK_QUIET: Final = 2.5
"""Seconds without a byte on a match's session after which a new one is opened beside it."""
RESUME_INTERVAL: Final = 0.5
"""Seconds between two attempts to reach the other side of an interrupted match."""
RESUME_TIMEOUT: Final = 5.0
"""Seconds for the answer to a `Resume`, and for what is missing to come, until another attempt."""
ABSENT_AFTER: Final = 10.0
"""Seconds without a word of a member until the host of a match of a room goes on without it."""
HOST_ABSENT_AFTER: Final = 4.0
"""Seconds without a word of the host of a match of a room until the others choose another."""
EPOCHS_MAX: Final = 256
"""Hosts that one match may have, one after another."""
EPOCHS_AHEAD: Final = 1 << 25
"""Epochs by which that of another member may be beyond our newest one: as many as 256 hosts that return can make."""
SESSIONS_AHEAD: Final = 1 << 16
"""Numbers by which that of a session may be beyond all before."""
WATCHERS_MAX: Final = 8
"""Members of a match without a seat."""
CLAIM_AFTER: Final = 30.0
"""Seconds without progress, of the whole match, after which it may be claimed."""
CLAIM_TOLERANCE: Final = 5.0
"""Seconds by which the clocks of two sides may differ on how long they did not hear each other."""
LOG_FRAMES: Final = 20_000
"""Frames that one `Log` covers."""
TOLD_SECONDS: Final = 3.0
"""Real time: what a program that was started anew is told of its own inputs. Its disk kept what is older."""
PLAYERS_MAX: Final = 8
MEMBERS_MAX: Final = 16
"""Peers in a room: those who play, and those who watch."""
SERIES_MAX: Final = 9
"""Rounds to be won for a series, at most."""
LOCAL_MAX: Final = 4
"""People who play on one machine."""
COUNTDOWN: Final = 3.0
"""Seconds from everybody's being ready to the round."""
TABLE_TIME: Final = 8.0
"""Seconds from the end of a round to the next one."""
VOTE_TIME: Final = 20.0
VOTE_GAP: Final = 60.0
"""Seconds between two votes that one key proposes."""
KICK_TIME: Final = 60.0
"""Seconds for which a member that was removed may not come back."""
KEPT_TIME: Final = 60.0
"""Seconds for which the place of a member that is not reached is kept."""
ROOM_JOIN_TIMEOUT: Final = 15.0
"""Seconds to get into a room."""
ROOM_RETRY: Final = 0.5
"""Seconds between two attempts to get into a room, or to find its leader again ..."""
SEEK_TIMEOUT: Final = 20.0
"""... and after so many it is given up."""
WATCH_RETRY: Final = 1.0
"""Seconds between two attempts to watch the match of a room."""
MESH_INTERVAL: Final = 5.0
"""Seconds between two attempts to reach another member."""
PUBLISH_INTERVAL: Final = 0.05
"""Seconds between two states of a room that its leader sends, at least."""
OFFERS_MAX: Final = 8
"""Rooms that others invite us into."""
RUN_MAX: Final = 65535
"""Frames of one run of equal inputs."""
STATE_MAX: Final = 1024 * 1024
"""Bytes of a snapshot."""
STATE_PART: Final = 48 * 1024
"""Bytes of it in one message."""
DESYNC_HASHES: Final = 256
"""Frames whose states are kept, and whose hashes are told, to find where two sides began to differ."""
REPAIR_TIMEOUT: Final = 5.0
"""Seconds for the other side to say its part when the states differ."""
DISPUTE_TIMEOUT: Final = 30.0
"""Seconds for both players to agree that a match whose states both sides computed goes on."""
REPAIRS_MAX: Final = 3
"""The states may differ so often ..."""
REPAIRS_SPAN: Final = 60.0
"""... in so many seconds; the last time ends the match."""

Bytes16 = Annotated[bytes, Meta(min_length=16, max_length=16)]
Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Bytes64 = Annotated[bytes, Meta(min_length=64, max_length=64)]
GameName = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,24}\Z")]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}\Z")]
Hex16 = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}\Z")]
Code = Annotated[str, Meta(pattern=r"^[a-z_]{1,32}\Z")]
CodeOrNone = Annotated[str, Meta(pattern=r"^[a-z_]{0,32}\Z")]
Hex16OrNone = Annotated[str, Meta(pattern=r"^([0-9a-f]{16})?\Z")]
Text = Annotated[str, Meta(max_length=TEXT_MAX)]
Params = Annotated[
    dict[Code, Annotated[str, Meta(max_length=64)] | Annotated[int, Meta(ge=-(1 << 53), le=1 << 53)]],
    Meta(max_length=8),
]
"""Facts beside a code. Their text comes from another peer: it is made safe where it is shown."""
Name = Annotated[str, Meta(max_length=64)]
Version = Annotated[str, Meta(max_length=32)]
Payload = Annotated[bytes, Meta(max_length=4096)]
Port = Annotated[int, Meta(ge=1, le=65535)]
Count = Annotated[int, Meta(ge=0, le=(1 << 32) - 1)]
FrameNumber = Count
PlayerId = Annotated[str, Meta(pattern=r"^[a-z2-7]{26}\Z")]
Epoch = Annotated[int, Meta(ge=1, le=(1 << 32) - 1)]
