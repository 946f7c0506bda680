"""A user's exception as text: their own frames, from the cell and from Ray workers, and nothing of ours."""

from __future__ import annotations

import linecache
import os
import re
import sys
import traceback
from typing import Any, Dict, List, Optional

from pybyzer_worker import columns

OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_FRAME = re.compile(r'^\s*File "([^"]*)", line (\d+)')
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_REMOTE = re.compile(r"ray::([^(\s]*)\(.*?\) \((pid=\d+)")
_HIDDEN = re.compile(r"/(ray|pyjava|pybyzer_worker)/|workers/bootstrap\.py$|^<frozen|^(python/)?ray/|\.pyx$")


SHOWN = 100
"""Characters of a value that a message shows."""


class RemoteFailure(Exception):
    """A user's exception in another process; ``text`` is its trimmed traceback."""

    def __init__(self, message: str, text: str, module: Optional[str] = None) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.module = module


def remember(filename: str, code: str) -> None:
    """Let tracebacks show the lines of a cell."""
    lines = code.splitlines(True)
    linecache.cache[filename] = (len(code), None, lines, filename)


def blame(error: BaseException, row: Any) -> None:
    """Remember which row a user's function failed on; ``describe`` says it."""
    shown = ", ".join("%s=%s" % (key, _short(value)) for key, value in row.items())
    error.pybyzer_row = shown  # type: ignore[attr-defined]


def _short(value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        return "<%d bytes>" % len(value)
    text = repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def describe(error: BaseException) -> Dict[str, Any]:
    """``message`` (the last line), ``traceback`` and, for a missing module, its name."""
    told = isinstance(error, columns.BadRow)  # the message says which row; there is nothing to trace
    row = getattr(error, "pybyzer_row", None)
    return {
        "message": _message(error) if row is None else "%s\nin the row %s" % (_message(error), row),
        "traceback": "" if told else "".join(_text(error, [])),
        "module": _missing(error),
    }


def _message(error: BaseException) -> str:
    if isinstance(error, RemoteFailure):
        return error.message
    if isinstance(error, columns.BadRow):
        return str(error)
    cause = _ray_cause(error)
    if cause is not None:
        return _message(cause)
    if isinstance(error, SyntaxError):
        return "%s: %s" % (type(error).__name__, error.msg)
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    if _broke_at_start(error):
        return "the actor died at its start: %s" % text.splitlines()[-1]
    return _crash(error) or text


def _missing(error: BaseException) -> Optional[str]:
    if isinstance(error, RemoteFailure):
        return error.module
    cause = _ray_cause(error)
    if cause is not None:
        return _missing(cause)
    if isinstance(error, ImportError) and error.name and "No module named" in str(error):
        return error.name.partition(".")[0]
    if isinstance(error, ImportError) and error.name == "pyarrow":
        return "pyarrow"
    return None


def _ray_cause(error: BaseException) -> Optional[BaseException]:
    """What a Ray task raised, when this is Ray's report of it."""
    if not any(base.__name__ == "RayTaskError" for base in type(error).__mro__):
        return None
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, BaseException) and cause is not error else None


def _crash(error: BaseException) -> str:
    """A Ray process that died, in a line; Ray takes a page for it."""
    if not type(error).__module__.startswith("ray."):
        return ""
    name = type(error).__name__
    if name == "WorkerCrashedError":
        who = "a Ray worker"
    elif name == "ActorDiedError" and "process has died" in str(error):
        found = re.search(r"class_name: (\S+)", str(error))
        who = "the actor %s" % found[1] if found else "an actor"
    else:
        return ""
    return "%s died: its process was killed (out of memory, perhaps), or it crashed" % who


def _broke_at_start(error: BaseException) -> bool:
    """Whether this is Ray's report, traceback and all, of what an actor's constructor raised."""
    died = type(error).__name__ in ("ActorDiedError", "RayActorError")
    return died and bool(_REMOTE.search(_COLOUR.sub("", str(error))))


def _text(error: BaseException, seen: List[int]) -> List[str]:
    seen.append(id(error))
    lines: List[str] = []
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    remote = _ray_cause(error)
    if before is not None and id(before) not in seen and remote is None:
        lines += _text(before, seen)
        how = "was the direct cause of" if error.__cause__ else "came before"
        lines += ["\nThe exception above %s this one:\n\n" % how]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not hidden(frame.filename)]
    local = traceback.format_list(frames)
    if isinstance(error, RemoteFailure):
        return lines + _headed(local) + [error.text if error.text.endswith("\n") else error.text + "\n"]
    if remote is not None:
        return lines + _headed(local) + _trimmed(getattr(error, "traceback_str", "") or str(error))
    if _broke_at_start(error):
        return lines + _headed(local) + _trimmed(str(error))
    crash = _crash(error)
    last = [crash + "\n"] if crash else traceback.format_exception_only(type(error), error)
    return lines + _headed(local) + last


def _headed(frames: List[str]) -> List[str]:
    return ["Traceback (most recent call last):\n", *frames] if frames else []


def hidden(filename: str) -> bool:
    """Whether a frame is ours or Ray's, and no concern of the user's."""
    path = filename.replace("\\", "/")
    return path.startswith(OURS) or bool(_HIDDEN.search(path))


def _trimmed(text: str) -> List[str]:
    """The user's part of a traceback that Ray wrote down in a worker."""
    kept: List[str] = []
    drop = False
    lines = _COLOUR.sub("", text).splitlines()
    for number, line in enumerate(lines):
        frame = _FRAME.match(line)
        remote = _REMOTE.search(line)
        if remote:
            kept.append("In worker (%s %s):" % (remote[1] or "task", remote[2]))
            drop = True  # marks below lines of Ray's own that it left out
        elif frame:
            drop = hidden(frame[1])
            if not drop:
                kept.append("  " + line.strip())
                follows = lines[number + 1] if number + 1 < len(lines) else ""
                source = linecache.getline(frame[1], int(frame[2])).strip()
                if source and not follows.startswith("    "):
                    kept.append("    " + source)
        elif (line.startswith("    ") and drop) or not line.strip(" ^~"):
            continue
        elif line.strip():
            drop = False
            kept.append(line)
    return [line + "\n" for line in kept]


def exit_status(error: SystemExit) -> Optional[str]:
    """Why a cell that called ``sys.exit`` failed; None when it only ended early."""
    if error.code in (None, 0):
        return None
    return "the cell called sys.exit(%r)" % (error.code,)


def python() -> str:
    """The interpreter of this process."""
    return sys.executable
