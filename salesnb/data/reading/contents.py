"""The bytes of a table file: lying plainly, gzipped, or a member of a zip archive; unpacked while they are read.

What is packed small may unpack to more than any disk holds. How much one may is limited, and the limit holds while
reading, whatever the archive says of itself.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import pyarrow as pa

from salesnb.errors import InputError, problem

TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".parquet")
"""How names of files with a table end; each may have ``.gz`` after it or lie in a ``.zip``."""

_LEAST_LIMIT, _MOST_TIMES = 1 << 28, 100
"""A file may unpack to 256 MB, or to a hundred times its size where that is more; exports shrink to a twentieth."""

_FAULTS = (
    OSError, EOFError, ValueError, LookupError, RuntimeError, ArithmeticError, MemoryError, zlib.error, struct.error,
    zipfile.BadZipFile, pa.ArrowException,
)  # fmt: skip
"""What libraries raise on bytes that are not what they should be."""


@dataclass(frozen=True)
class Content:
    """The content of one table file; ``member`` is its name where it lies in an archive."""

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        """The name that messages give it: ``orders.csv``, ``orders.zip [july.csv]``."""
        return f"{self.path.name} [{self.member}]" if self.member else self.path.name

    @property
    def suffix(self) -> str:
        """The ending that tells its kind, without that of the packing."""
        return suffix(self.member or self.path.name)

    @property
    def plain(self) -> bool:
        """Whether the file's own bytes are the content."""
        return not self.member and self.path.suffix.lower() not in {".gz", ".zip"}

    def open(self) -> BinaryIO:
        """Open the bytes from their start.

        Raises
        ------
        InputError
            The archive is damaged or locked; while reading: that, or it unpacks to too much.
        """
        if self.plain:
            return self.path.open("rb")
        with told(self.name):
            packed = self._unpacking()
        return cast(BinaryIO, io.BufferedReader(_Unpacked(packed, self), 1 << 18))

    def _unpacking(self) -> BinaryIO:
        if self.path.suffix.lower() == ".gz":
            return cast(BinaryIO, gzip.open(self.path, "rb"))
        archive = zipfile.ZipFile(self.path)
        if not self.member:
            raise InputError(problem("archive_without_table", file=self.path.name, kinds=", ".join(TABLES)))
        found = next((entry for entry in archive.infolist() if _entry_name(entry) == self.member), None)
        return cast(BinaryIO, archive.open(found or self.member))

    def seekable(self) -> BinaryIO:
        """Open the bytes so that one can go to any place in them; of packed ones all are then in memory."""
        if self.plain:
            return self.path.open("rb")
        with self.open() as file, told(self.name):
            return io.BytesIO(file.read())

    def whole_lines(self, piece: int) -> Iterator[bytes]:
        """Yield the bytes in pieces of about a size, each ending with the end of a line."""
        left = b""
        with self.open() as file:
            while read := file.read(piece):
                left += read
                cut = max(left.rfind(b"\n"), left.rfind(b"\r")) + 1
                if cut:
                    yield left[:cut]
                left = left[cut:]
        if left:
            yield left

    def start(self, count: int) -> bytes:
        """Return the first bytes."""
        with self.open() as file, told(self.name):
            return file.read(count)


class _Unpacked(io.RawIOBase):
    """Unpacked bytes of a content, as long as they stay within the limit."""

    def __init__(self, packed: BinaryIO, content: Content) -> None:
        self._packed, self._content = packed, content
        self._left = self._limit = unpacking_limit(content.path)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        with told(self._content.name):
            got = self._packed.read(len(view))
        self._left -= len(got)
        if self._left < 0:
            raise InputError(problem("unpacks_too_large", file=self._content.name, megabytes=self._limit >> 20))
        view[: len(got)] = got
        return len(got)

    def close(self) -> None:
        self._packed.close()
        super().close()


def unpacking_limit(path: Path) -> int:
    """Return how many bytes a file may unpack to."""
    return max(_LEAST_LIMIT, _MOST_TIMES * path.stat().st_size)


@contextmanager
def told(name: str) -> Iterator[None]:
    """Turn what libraries raise on broken bytes into the one error that names the file."""
    try:
        yield
    except InputError:
        raise
    except (*_FAULTS, *_excel_faults()) as fault:
        reason = str(fault).split("\n")[0] or type(fault).__name__
        raise InputError(problem("file_broken", file=name, reason=reason)) from None
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":  # what calamine's Rust raises where it gives up
            raise
        raise InputError(problem("file_broken", file=name, reason=fault)) from None


def _excel_faults() -> tuple[type[Exception], ...]:
    from python_calamine import CalamineError  # asked for where something has failed only

    return (CalamineError,)


# -- names


def suffix(name: str) -> str:
    """Return how a name ends, in small letters, without that of a packing: ``orders.CSV.gz`` is ``.csv``."""
    pure = PurePosixPath(name.lower())
    return PurePosixPath(pure.stem).suffix if pure.suffix == ".gz" else pure.suffix


def stem(name: str) -> str:
    """Return a name without its endings."""
    pure = PurePosixPath(name.replace("\\", "/")).name
    for ending in (".gz", ".zip"):
        if pure.lower().endswith(ending):
            pure = pure[: -len(ending)]
    kind = suffix(pure)
    return pure[: -len(kind)] if kind in TABLES else pure


def is_table(name: str) -> bool:
    """Tell whether a file of this name may hold a table, packed or not."""
    return suffix(name) in (*TABLES, ".zip")


def members(path: Path) -> list[str]:
    """Return the names of the tables in an archive, in its order; none where it cannot be opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [_entry_name(entry) for entry in archive.infolist() if not entry.is_dir()]
    except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, struct.error):
        return []
    return [name for name in names if suffix(name) in TABLES and not _hidden(name)]


def _hidden(name: str) -> bool:
    return PurePosixPath(name).name[0] in ".~" or name.startswith("__MACOSX/")


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """Return a member's name; without the mark of UTF-8 it is in the coding page of the machine that packed it."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        written = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return written.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename
