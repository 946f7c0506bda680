"""A directory as rows of a tar stream, and back, holding one piece at a time.

A row is ``{"start": position in the stream, "offset": length of this piece, "value": bytes}``; the
values by ascending ``start`` are one uncompressed tar. Standard library only, Python 3.8 and later:
it runs in workers of any environment, and the runtime loads this same file.
"""

import contextlib
import io
import os
import shutil
import tarfile

BLOCK_SIZE = 65536
"""Largest piece, in bytes."""

WRITE_SIZE = 4 * BLOCK_SIZE
"""Most bytes written at once."""

_RECORD = tarfile.BLOCKSIZE
_END = b"\0" * (2 * _RECORD)


class BadArchive(tarfile.TarError):
    """The rows are not a tar stream, or a piece of it is missing."""


class UnsafeMember(BadArchive):
    """A member of the archive would be written outside the target directory."""


class OutOfOrder(BadArchive):
    """A row does not begin where the one before it ended."""


# -- a directory to rows -----------------------------------------------------------------------


def build_rows_from_file(target_dir):
    """Rows for a directory (its content, empty directories included) or for a single file."""
    return Rows(target_dir)


class Rows:
    """The rows of a directory, one after the other; whoever can may take the directory in their place."""

    def __init__(self, target_dir):
        self.target_dir = target_dir
        self.begun = False
        self._rows = self._read()

    def __iter__(self):
        return self

    def __next__(self):
        self.begun = True
        return next(self._rows)

    def _read(self):
        start = 0
        for piece in pieces(self.target_dir):
            yield {"start": start, "offset": len(piece), "value": piece}
            start += len(piece)


def pieces(path):
    """The tar stream of a directory or file, in pieces of at most ``BLOCK_SIZE`` bytes."""
    path = os.path.abspath(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"no such file or directory: {path}")
    gathered = bytearray()
    for block in _blocks(path):
        if len(block) == BLOCK_SIZE:
            # Large content is passed on as it was read: joining it to what came before costs copies.
            if gathered:
                yield bytes(gathered)
                gathered.clear()
            yield block
            continue
        gathered += block
        while len(gathered) >= BLOCK_SIZE:
            yield bytes(gathered[:BLOCK_SIZE])
            del gathered[:BLOCK_SIZE]
    if gathered:
        yield bytes(gathered)


def stream_build_tar(file_dir, streaming_fp):
    """Write the tar stream of a directory to anything with ``write``."""
    for piece in pieces(file_dir):
        streaming_fp.write(piece)


def chunks(path, size):
    """The tar stream in chunks of ``size`` bytes (the last has the rest), read into one buffer.

    A chunk is overwritten by the next: use it before going on.
    """
    path = os.path.abspath(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"no such file or directory: {path}")
    with contextlib.ExitStack() as opened:
        buffer = memoryview(bytearray(size))
        filled = 0
        for source in _sources(path):
            file = opened.enter_context(source)
            while True:
                count = file.readinto(buffer[filled:])
                filled += count
                if filled == size:
                    yield buffer
                    filled = 0
                elif not count:
                    break
            opened.close()
        if filled:
            yield buffer[:filled]


def _sources(path):
    """The tar stream as files to read one after the other."""
    for full, info in _described(path):
        yield io.BytesIO(_header(info))
        if info.isreg():
            yield _Content(full, info.size)
    yield io.BytesIO(_END)


class FileStream:
    """A write-only stream that hands each piece to a function."""

    def __init__(self, take):
        self._take = take

    def write(self, data):
        self._take(bytes(data))
        return len(data)

    def flush(self):
        """Nothing is held back."""

    def close(self):
        """Nothing to release."""


def _blocks(path):
    for full, info in _described(path):
        yield _header(info)
        if info.isreg():
            for block in _content(full, info.size):
                yield block
    yield _END


def _header(info):
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _described(path):
    """What belongs into the archive: paths with their headers."""
    if os.path.isdir(path) and not os.path.islink(path):
        members = _members(path)
    else:
        members = [(path, os.path.basename(path))]
    for full, name in members:
        info = _describe(full, name, path)
        if info is not None:
            yield full, info


def _members(root):
    """Files, links and directories below ``root`` with their names relative to it, sorted."""
    for folder, subfolders, files in os.walk(root):
        subfolders.sort()
        relative = os.path.relpath(folder, root)
        links = [name for name in subfolders if os.path.islink(os.path.join(folder, name))]
        if relative != ".":
            yield folder, relative
        for name in sorted(files + links):
            yield os.path.join(folder, name), name if relative == "." else os.path.join(relative, name)


def _describe(full, name, root):
    """A member's header; None for what a model cannot hold (sockets, devices).

    A link that leaves the directory becomes the file it points to, so that the archive is complete.
    """
    leaves = os.path.islink(full) and _leaves(full, root)
    if leaves and not os.path.isfile(full):
        raise BadArchive(f"{full} links to {os.readlink(full)}, which is not a file of this directory")
    with tarfile.TarFile(os.devnull, "w", dereference=leaves) as tar:
        info = tar.gettarinfo(full, arcname=name.replace(os.sep, "/"))
    if info is None or not (info.isreg() or info.isdir() or info.issym()):
        return None
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def _leaves(link, root):
    root = os.path.realpath(root)
    target = os.path.realpath(link)
    return os.path.isabs(os.readlink(link)) or not (target + os.sep).startswith(root + os.sep)


def _content(path, size):
    """A file's bytes and padding; a file that changes meanwhile is an error, not a broken stream."""
    left = size
    with open(path, "rb") as file:
        while left:
            block = file.read(min(BLOCK_SIZE, left))
            if not block:
                raise BadArchive(f"{path} became shorter while it was read")
            left -= len(block)
            yield block
    if size % _RECORD:
        yield b"\0" * (_RECORD - size % _RECORD)


class _Content(io.RawIOBase):
    """What ``_content`` gives, as a file."""

    def __init__(self, path, size):
        self._path = path
        self._left = size
        self._padding = -size % _RECORD
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed with this one

    def readable(self):
        return True

    def readinto(self, buffer):
        if self._left:
            count = self._file.readinto(memoryview(buffer)[: self._left])
            if not count and len(buffer):
                raise BadArchive(f"{self._path} became shorter while it was read")
            self._left -= count
            return count
        count = min(self._padding, len(buffer))
        buffer[:count] = b"\0" * count
        self._padding -= count
        return count

    def close(self):
        self._file.close()
        super().close()


# -- rows to a directory -----------------------------------------------------------------------


def save_rows_as_file(data, target_dir):
    """Unpack rows (anything with a ``value``) in the given order into ``target_dir``, made if missing.

    A row that says where it starts, and how long it is, must keep to it.
    """
    unpack(checked(data), target_dir)


def checked(rows, number=0, position=0):
    """The values of rows; ``BadArchive`` naming the row that is empty, cut or not in its place.

    ``number`` and ``position`` are those of the first row.
    """
    for number, row in enumerate(rows, number):
        value = row["value"]
        if value is None:
            raise BadArchive(f"row {number} has no value")
        start = row.get("start")
        length = row.get("offset")
        if start is not None and start != position:
            raise OutOfOrder(f"row {number} with start={start} should begin at {position}")
        if length is not None and length != len(value):
            raise BadArchive(f"row {number} with start={position} has {len(value)} of {length} bytes")
        position += len(value)
        yield value


def unpack(values, target_dir):
    """Unpack the pieces (bytes or buffers) of a tar stream; streams without end blocks are fine."""
    stream = Pieces(values)
    os.makedirs(target_dir, exist_ok=True)
    root = os.path.realpath(target_dir)
    folders = []
    try:
        with tarfile.open(fileobj=stream, mode="r:", errorlevel=2) as tar:
            for info in tar:
                _extract(stream, info, root, folders)
    except tarfile.ReadError as error:
        if isinstance(error, BadArchive) or stream.end == 0:
            raise
        raise BadArchive("after %d bytes: %s" % (stream.end, error)) from None
    stream.drain()
    if stream.end % _RECORD:
        raise BadArchive("the stream ends in the middle of a block, after %d bytes" % stream.end)
    # Last, because writing into a directory changes its time, and it may be read-only.
    for folder, info in reversed(folders):
        os.chmod(folder, info.mode & 0o777 | 0o700)
        os.utime(folder, (info.mtime, info.mtime))


def in_order(rows):
    """The values of ``(start, value)`` pairs; ``OutOfOrder`` when one is not where it should be."""
    position = 0
    for start, value in rows:
        if start != position:
            raise OutOfOrder(f"the row with start={start} should begin at {position}")
        position += len(value)
        yield value


class Pieces:
    """A file that is read forwards over an iterable of pieces; ``copy`` never joins them."""

    def __init__(self, values):
        self._values = iter(values)
        self._piece = memoryview(b"")
        self._position = 0
        self.end = 0

    def tell(self):
        return self._position

    def seek(self, position):
        self._position = position

    def read(self, size):
        """The bytes from the position on; fewer at the end."""
        return b"".join(bytes(view) for view in self._views(size))

    def copy(self, size, file):
        """Write the next bytes to a file; how many there were."""
        done = 0
        for view in self._views(size):
            for first in range(0, len(view), WRITE_SIZE):
                done += file.write(view[first : first + WRITE_SIZE])
        return done

    def drain(self):
        """Look at the pieces that nobody asked for."""
        for piece in self._values:
            self.end += len(memoryview(piece))

    def _views(self, size):
        while size > 0 and self._reach():
            first = self._position - (self.end - len(self._piece))
            view = self._piece[first : first + size]
            self._position += len(view)
            size -= len(view)
            yield view

    def _reach(self):
        """Go on to the piece of the position; False when there is none."""
        while self._position >= self.end:
            piece = next(self._values, None)
            if piece is None:
                return False
            self._piece = memoryview(piece)
            self.end += len(self._piece)
        return True


def _extract(stream, info, root, folders):
    target = _inside(root, info.name, info.name)
    if info.isdir():
        os.makedirs(target, exist_ok=True)
        folders.append((target, info))
        return
    if target == root:
        raise UnsafeMember(f'member "{info.name}" has no file name')
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.islink(target):
        os.unlink(target)
    if info.issym():
        _inside(root, os.path.join(os.path.dirname(os.path.relpath(target, root)), info.linkname), info.name)
        if os.path.isabs(info.linkname):
            raise UnsafeMember(f'member "{info.name}" links to {info.linkname}, outside its directory')
        os.symlink(info.linkname, target)
    elif info.islnk():
        shutil.copy2(_inside(root, info.linkname, info.name), target)
    elif info.isreg() and not info.issparse():
        stream.seek(info.offset_data)
        # Without a buffer of Python's: most pieces are larger than that.
        with open(target, "wb", buffering=0 if info.size >= BLOCK_SIZE else -1) as file:
            copied = stream.copy(info.size, file)
        if copied != info.size:
            raise BadArchive(f'member "{info.name}" is cut short: {copied} of {info.size} bytes')
        os.chmod(target, info.mode & 0o777 | 0o600)
        os.utime(target, (info.mtime, info.mtime))
    else:
        raise UnsafeMember(f'member "{info.name}" is not a file, a directory or a link')


def _inside(root, name, member):
    """The path of a member below ``root``, links on the way followed."""
    path = os.path.realpath(os.path.join(root, name.lstrip("/")))
    if path != root and not path.startswith(root.rstrip(os.sep) + os.sep):
        raise UnsafeMember(f'member "{member}" would be written outside its directory')
    # The last part itself stays: a link there is replaced, not followed.
    parent = os.path.realpath(os.path.dirname(os.path.join(root, name.strip("/"))))
    return os.path.join(parent, os.path.basename(name.rstrip("/"))) if path != root else path
