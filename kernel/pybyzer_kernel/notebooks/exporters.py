"""nbconvert exporters that take ``.mlsqlnb``, ``.bznb`` and scripts as well as ``.ipynb``.

``jupyter nbconvert --to byzer-html x.mlsqlnb`` (or ``byzer-ipynb``, ``mlsqlnb``, ``bznb``); with
``--execute`` our kernel runs the notebook first.
"""

from __future__ import annotations

import os
from typing import Any

from nbconvert.exporters import Exporter, HTMLExporter
from nbformat import NotebookNode

from pybyzer_kernel.notebooks import bznb, formats, ipynb, mlsqlnb


class AnyNotebook(Exporter):  # type: ignore[misc]  # nbconvert has no types
    """Reads every format we know, by the file's extension; a stream without a name is an ``.ipynb``."""

    def from_file(self, file_stream: Any, resources: Any = None, **kw: Any) -> Any:
        """Convert an open file."""
        name = getattr(file_stream, "name", None)
        if isinstance(name, str) and os.path.isfile(name):
            nb = formats.read_notebook(name)
        else:
            nb = ipynb.read(file_stream.read(), "notebook")
        return self.from_notebook_node(nb, resources=resources, **kw)


class ByzerHTMLExporter(AnyNotebook, HTMLExporter):  # type: ignore[misc]  # nbconvert has no types
    """A page, from any of our notebook formats."""

    export_from_notebook = None


class _TextExporter(AnyNotebook):
    """A notebook file as text."""

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> Any:
        """Convert a notebook (after the preprocessors, ``--execute`` among them)."""
        done, about = super().from_notebook_node(nb, resources, **kw)
        about["output_extension"] = self.file_extension
        return self.text(done), about

    def text(self, nb: NotebookNode) -> str:
        """The file's text."""
        raise NotImplementedError


class ByzerNotebookExporter(_TextExporter):
    """``.ipynb``, from any of our notebook formats."""

    export_from_notebook = None
    output_mimetype = "application/json"

    def _file_extension_default(self) -> str:
        return ".ipynb"

    def text(self, nb: NotebookNode) -> str:
        return ipynb.write(nb)


class MlsqlnbExporter(_TextExporter):
    """``.mlsqlnb``, the notebooks of VS Code's Byzer extension."""

    export_from_notebook = None
    output_mimetype = "application/json"

    def _file_extension_default(self) -> str:
        return ".mlsqlnb"

    def text(self, nb: NotebookNode) -> str:
        return mlsqlnb.write(nb)


class BznbExporter(_TextExporter):
    """``.bznb``, the notebooks of Byzer Notebook (without results)."""

    export_from_notebook = None
    output_mimetype = "application/json"

    def _file_extension_default(self) -> str:
        return ".bznb"

    def text(self, nb: NotebookNode) -> str:
        return bznb.write(nb)


def as_html(nb: NotebookNode, title: str) -> str:
    """A notebook as one page of HTML."""
    body, _ = HTMLExporter().from_notebook_node(nb, {"metadata": {"name": title}})
    return str(body)
