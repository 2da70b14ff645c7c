"""What a match file says of the program that wrote it: version, platform and key."""

import platform

from p2pgame import __version__
from p2pgame.session.match_factory import RecordingContext
from p2pgame.storage.identity import Identity
from p2pgame.wire.bounds import TEXT_MAX

__all__ = ["recording_context_of"]


def recording_context_of(identity: Identity) -> RecordingContext:
    """For the lobby of the peer of this identity."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return RecordingContext(
        public_key=identity.public_key,
        sign=identity.sign,
        version=__version__[:32],
        platform=f"{python}, {platform.system()} {platform.machine()}"[:TEXT_MAX],
    )
