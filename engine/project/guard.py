"""Looks at a project file before anything in it is read, and refuses what could reach other files, fill the memory or
load code: links, external and virtual storage, filters, foreign types, sizes that the file does not hold.

What is merely damaged is told apart from what is unsafe: damage may lie in a section that can be left out.
"""

from __future__ import annotations

import math
import pathlib
import stat

import h5py
from h5py import h5a, h5d, h5g, h5l, h5o, h5s, h5t, h5z  # pyright: ignore[reportAttributeAccessIssue]

from engine.errors import ProjectFileError
from engine.numbers import thousands
from engine.project.elements import MAX_AXES, MAX_KEY, STORED

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_FILE_BYTES = 64 * 2**30
MAX_OBJECTS = 1_000_000
MAX_LEVELS = 8
MAX_CHUNK_BYTES = 16 * 2**20
MAX_ATTRIBUTES = 16
MAX_ATTRIBUTE_BYTES = 200
CHECKSUM_BYTES = 4  # that fletcher32 adds to every chunk

# Whatever h5py and numpy raise on a damaged file.
FAULTS = (
    OSError,
    RuntimeError,  # with RecursionError and NotImplementedError
    LookupError,
    ValueError,  # with UnicodeDecodeError
    TypeError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    EOFError,
    SystemError,
)

FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "an SQLite database"),
)


def check_file(path: pathlib.Path) -> int:
    """The file's size, after making sure that it is a plain file that begins like a project."""
    if not path.exists():
        raise ProjectFileError("There is no such file.")
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise ProjectFileError("It is a folder, not a project file.")
    if not stat.S_ISREG(mode):  # a pipe or a device would block or never end
        raise ProjectFileError("It is no ordinary file.")
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        raise ProjectFileError("The file is empty.")
    if not start.startswith(SIGNATURE):
        raise ProjectFileError(f"It is {_foreign(start)}, not a Strata project.")
    if size < 48 or len(start) < 48:
        raise ProjectFileError("The file is cut short.")
    if start[8] not in (2, 3) or start[9] != 8:
        raise ProjectFileError("It is an HDF5 file of another program, not a Strata project.")
    declared = int.from_bytes(start[28:36], "little")
    if size < declared:
        raise ProjectFileError(f"The file is cut short: it has {thousands(size)} of {thousands(declared)} bytes.")
    if size > MAX_FILE_BYTES:
        raise ProjectFileError(f"The file is larger than {MAX_FILE_BYTES // 2**30} GiB.")
    return size


def _foreign(start: bytes) -> str:
    for magic, name in FOREIGN:
        if start.startswith(magic):
            return name
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in start):
        return "a text file"
    return "a file of another kind"


def check_attributes(at: h5g.GroupID | h5d.DatasetID) -> None:
    """Only a few short fixed-length texts."""
    count = h5a.get_num_attrs(at)
    if count > MAX_ATTRIBUTES:
        raise ProjectFileError(f"An element has {thousands(count)} attributes; at most {MAX_ATTRIBUTES} are allowed.")
    for index in range(count):
        attribute = h5a.open(at, index=index)
        kind = attribute.get_type()
        if kind.get_class() != h5t.STRING or kind.is_variable_str():
            raise ProjectFileError("An attribute is no text of fixed length.")
        if kind.get_size() > MAX_ATTRIBUTE_BYTES or len(attribute.name) > MAX_ATTRIBUTE_BYTES:
            raise ProjectFileError(f"An attribute is longer than {thousands(MAX_ATTRIBUTE_BYTES)} bytes.")
        if attribute.get_space().get_simple_extent_type() != h5s.SCALAR:
            raise ProjectFileError("An attribute holds more than one text.")


class Guard:
    """Walks a whole file once. `damaged` maps the path of what could not be looked at to the reason."""

    def __init__(self, size: int):
        self.budget = size  # bytes that arrays may still declare: nothing is compressed, so the file must hold them
        self.objects = 0
        self.seen: set[int] = set()
        self.damaged: set[str] = set()

    def walk(self, file: h5py.File) -> None:
        self._visit(file["/"].id, "", 0)

    def damaged_within(self, path: str) -> bool:
        """Whether the element at `path` cannot be whole."""
        return any(
            not found or found == path or found.startswith(path + "/") or path.startswith(found + "/")
            for found in self.damaged
        )

    def _visit(self, at: h5g.GroupID | h5d.DatasetID, path: str, level: int) -> None:
        try:
            self._count(at)
            check_attributes(at)
            if isinstance(at, h5d.DatasetID):
                self._check_dataset(at)
                return
            if not isinstance(at, h5g.GroupID):
                raise ProjectFileError("It holds something that is neither a group nor an array.")
            if level == MAX_LEVELS:
                raise ProjectFileError(f"It has more than {MAX_LEVELS} levels of groups.")
            names = list(at)
        except FAULTS:
            self.damaged.add(path)
            return
        for name in names:
            self._step(at, name, path, level)

    def _step(self, group: h5g.GroupID, name: bytes, path: str, level: int) -> None:
        inner = f"{path}/{name.decode('utf-8', 'replace')}".lstrip("/")
        if len(name) > 12 * MAX_KEY:
            raise ProjectFileError("An element's name is too long.")
        try:
            link = group.links.get_info(name)
            if link.type != h5l.TYPE_HARD:
                kind = {h5l.TYPE_SOFT: "a soft link", h5l.TYPE_EXTERNAL: "a link to another file"}.get(
                    link.type, "a link"
                )
                raise ProjectFileError(f"‘{inner[:200]}’ is {kind}, which a project may not hold.")
            found = h5o.open(group, name)
        except FAULTS:
            self.damaged.add(inner)
            return
        self._visit(found, inner, level + 1)

    def _count(self, at: h5g.GroupID | h5d.DatasetID) -> None:
        self.objects += 1
        if self.objects > MAX_OBJECTS:
            raise ProjectFileError(f"It holds more than {thousands(MAX_OBJECTS)} elements.")
        address = h5o.get_info(at).addr
        if address in self.seen:
            raise ProjectFileError("An element is reached in two ways (its links go in a circle or meet).")
        self.seen.add(address)

    def _check_dataset(self, at: h5d.DatasetID) -> None:
        properties = at.get_create_plist()
        if properties.get_layout() == h5d.VIRTUAL:
            raise ProjectFileError("An array is virtual: its numbers are taken from other files.")
        if properties.get_external_count():
            raise ProjectFileError("An array has external storage: its numbers lie in another file.")
        kind = at.get_type()
        if kind.get_class() not in (h5t.INTEGER, h5t.FLOAT):
            raise ProjectFileError("An array holds something other than plain numbers.")
        if kind.dtype.str not in STORED or not kind.equal(h5t.py_create(kind.dtype)):
            raise ProjectFileError("An array holds numbers of an unknown type.")
        if properties.get_layout() != h5d.CHUNKED:
            raise ProjectFileError("An array is not stored in chunks.")
        filters = [properties.get_filter(index)[0] for index in range(properties.get_nfilters())]
        if filters != [h5z.FILTER_FLETCHER32]:
            raise ProjectFileError("An array is compressed or lacks its checksum, or uses an unknown filter.")
        if at.get_space().get_simple_extent_type() != h5s.SIMPLE or not 1 <= at.rank <= MAX_AXES:
            raise ProjectFileError("An array has no axes, or too many.")
        self._check_sizes(at, properties.get_chunk(), kind.get_size())

    def _check_sizes(self, at: h5d.DatasetID, chunk: tuple[int, ...], itemsize: int) -> None:
        """What is declared must be stored: so no number in the file can make the reader take more than its size."""
        declared = math.prod(at.shape) * itemsize
        if declared > self.budget:
            raise ProjectFileError("Its arrays declare more bytes than the file has.")
        self.budget -= declared
        chunk_bytes = math.prod(chunk) * itemsize
        if chunk_bytes > MAX_CHUNK_BYTES:
            raise ProjectFileError("An array is stored in chunks that are too large.")
        chunks = math.prod(math.ceil(size / step) for size, step in zip(at.shape, chunk, strict=True))
        if at.get_storage_size() != chunks * (chunk_bytes + CHECKSUM_BYTES):
            raise ProjectFileError("An array does not hold as many bytes as it declares.")
