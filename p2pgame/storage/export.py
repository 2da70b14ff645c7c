"""All data of the player in one file to keep or to take away: everything but the identity, which is a secret."""

import time
import zipfile
from pathlib import Path

from p2pgame.core.errors import P2PGameError
from p2pgame.storage.files import private_opener, system_reason

__all__ = ["export_data"]

_SECRET = ("identity", "lots")
"""Names that begin so stay here: who has them can be us."""
_TRIES = 100


def export_data(data_dir: Path, target: Path) -> Path:
    """Write a ZIP file into the directory `target`; returns where it is. Raises `P2PGameError`."""
    stem = time.strftime("p2pgame-data-%Y%m%d")
    try:
        for number in range(1, _TRIES):
            path = target / f"{stem}{f'-{number}' if number > 1 else ''}.zip"
            try:
                with (
                    open(path, "xb", opener=private_opener) as file,
                    zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
                ):
                    for found in sorted(data_dir.rglob("*")):
                        name = found.relative_to(data_dir)
                        if (
                            found.is_file()
                            and not found.is_symlink()
                            and not name.parts[0].startswith(_SECRET)
                        ):
                            archive.write(found, name.as_posix(), zipfile.ZIP_DEFLATED)
            except FileExistsError:
                continue
            return path
        raise FileExistsError(stem)
    except (OSError, ValueError) as error:  # a ZIP file knows no time before 1980
        reason = system_reason(error) if isinstance(error, OSError) else str(error)
        raise P2PGameError("data_not_exported", path=str(target), detail=reason) from error
