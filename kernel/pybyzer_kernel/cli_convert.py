"""Saving a notebook in the format of a file's extension, a page of HTML included."""

from __future__ import annotations

import os

from nbformat import NotebookNode

from pybyzer.errors import BadOption
from pybyzer_kernel.notebooks.formats import FORMATS, format_of, write_notebook, write_text

PAGE = (".html", ".htm")


def save(nb: NotebookNode, path: str) -> None:
    """Write a notebook to a file; ``BadOption`` for an extension that is none of ours."""
    if path.lower().endswith(PAGE):
        from pybyzer_kernel.notebooks.exporters import as_html

        write_text(as_html(nb, os.path.splitext(os.path.basename(path))[0]), path)
    else:
        write_notebook(nb, path)


def check(path: str) -> None:
    """``BadOption`` now rather than after an hour of work: the extension, the directory."""
    if not path.lower().endswith(PAGE):
        chosen = format_of(path)
        if chosen.name == "script":
            known = ", ".join(e for f in FORMATS if f.name != "script" for e in f.extensions)
            raise BadOption(f"{path}: a script holds no results", hint=f"known: {known}, .html")
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise BadOption(f"cannot write {path}: there is no directory {folder}")
    if not os.access(folder, os.W_OK):
        raise BadOption(f"cannot write {path}: {folder} is read-only")
