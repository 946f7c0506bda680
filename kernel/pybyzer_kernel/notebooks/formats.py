"""Notebook formats by file extension: read any of them, write any of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from nbformat import NotebookNode

from pybyzer.errors import BadOption, ParseError
from pybyzer.registry import did_you_mean
from pybyzer_kernel.notebooks import bznb, ipynb, mlsqlnb, script


@dataclass(frozen=True, slots=True)
class Format:
    """A notebook format: text to notebook (with the file's name for messages) and back."""

    name: str
    extensions: tuple[str, ...]
    read: Callable[[str, str], NotebookNode]
    write: Callable[[NotebookNode], str]


FORMATS = (
    Format("ipynb", (".ipynb",), ipynb.read, ipynb.write),
    Format("mlsqlnb", (".mlsqlnb", ".byzernb"), mlsqlnb.read, mlsqlnb.write),
    Format("bznb", (".bznb", ".mlnb"), bznb.read, bznb.write),
    Format("script", (".mlsql", ".byzer", ".byz", ".by"), script.read, script.write),
)


def format_of(path: str) -> Format:
    """The format of a file by its extension; ``BadOption`` for one that is no notebook's."""
    extension = os.path.splitext(path)[1].lower()
    for found in FORMATS:
        if extension in found.extensions:
            return found
    known = [known for item in FORMATS for known in item.extensions]
    raise BadOption(
        f'{path}: not a notebook: the extension "{extension}" is not known',
        hint=did_you_mean(extension, known) or "known: " + ", ".join(known),
    )


def read_notebook(path: str) -> NotebookNode:
    """The notebook in a file; ``ByzerError`` naming file and place for one that cannot be read."""
    chosen = format_of(path)
    try:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
    except OSError as error:
        raise BadOption(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ParseError(f"{path}: not UTF-8 text at byte {error.start}") from None
    return chosen.read(text, os.path.basename(path))


def write_notebook(nb: NotebookNode, path: str) -> None:
    """Write a notebook to a file in the format of its extension; whole or not at all."""
    text = format_of(path).write(nb)
    write_text(text, path)


def write_text(text: str, path: str) -> None:
    """Replace a file's text at once: a reader sees the old one or the new one."""
    temporary = f"{path}.{os.getpid()}.part"
    try:
        with open(temporary, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise BadOption(f"cannot write {path}: {error.strerror}") from None
