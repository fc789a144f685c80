"""Whether a project's file is still the one that was opened or saved here: asked before it is replaced."""

from __future__ import annotations

import pathlib
from dataclasses import dataclass

from engine.project import trust


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file is known by. A stamp (size, time, place) that stays tells that nobody has written it; where
    it differs the digest decides."""

    path: pathlib.Path
    stamp: tuple[int, int, int]
    digest: str

    @classmethod
    def of(cls, path: pathlib.Path) -> Mark | None:
        """None where there is no such file or it cannot be read; a pipe is no file, and to read it would never end."""
        try:
            if not path.is_file():
                return None
            return cls(path, cls._stamp(path), trust.digest(path))
        except OSError:
            return None

    def changed(self) -> bool:
        """Whether the file is there and holds something else now."""
        try:
            if self._stamp(self.path) == self.stamp:
                return False
        except OSError:
            return False
        now = Mark.of(self.path)
        return now is not None and now.digest != self.digest

    @staticmethod
    def _stamp(path: pathlib.Path) -> tuple[int, int, int]:
        told = path.stat()
        return told.st_size, told.st_mtime_ns, told.st_ino


def beside(path: pathlib.Path) -> pathlib.Path:
    """The first free name of the kind lenet-2.strata, for what may not replace lenet.strata."""
    number = 2
    while (found := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return found
