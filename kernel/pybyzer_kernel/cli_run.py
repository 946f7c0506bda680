"""``pybyzer run``: a notebook from its first cell to its last, with our kernel, shown as it goes."""

from __future__ import annotations

import argparse
import os
import sys
import time

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from pybyzer.errors import BadOption
from pybyzer_kernel import parameters
from pybyzer_kernel.cli_convert import check, save
from pybyzer_kernel.launch import environment, manager
from pybyzer_kernel.live import LiveClient, Printer
from pybyzer_kernel.notebooks.formats import read_notebook

OURS = ("byzer", "mlsql", "")


def run(options: argparse.Namespace) -> int:
    """Run the notebook of the options; the exit status."""
    values = parameters.read(options.param)
    if options.output:
        check(options.output)
    nb = read_notebook(options.notebook)
    _note_foreign(nb)
    parameters.inject(nb, values)
    printer = Printer(sys.stdout, quiet=options.quiet)
    begin = time.monotonic()
    client = _client(nb, options, printer)
    status = _execute(client, options)
    if options.output:
        save(nb, options.output)
        print(f"saved {options.output}")
    if status == 0 and not options.quiet:
        cells = sum(cell.cell_type == "code" for cell in nb.cells)
        print(f"{options.notebook}: {cells} cells, {time.monotonic() - begin:.1f} s")
    return status


def _client(nb: NotebookNode, options: argparse.Namespace, printer: Printer) -> LiveClient:
    folder = options.directory or os.path.dirname(os.path.abspath(options.notebook))
    if not os.path.isdir(folder):
        raise BadOption(f"--directory {folder}: there is no such directory")
    return LiveClient(
        nb,
        km=manager(),
        printer=printer,
        timeout=options.timeout,
        resources={"metadata": {"path": folder}},
        coalesce_streams=True,
        record_timing=False,
        extra_arguments=["--HistoryManager.hist_file=:memory:"],
    )


def _execute(client: LiveClient, options: argparse.Namespace) -> int:
    env = {**os.environ, **environment()}
    if options.engine:
        env["PYBYZER_ENGINE"] = options.engine
    try:
        client.execute(env=env)
    except CellExecutionError:
        # The kernel has said what went wrong, and the printer has shown it.
        return 130 if client.interrupted else 1
    except CellTimeoutError:
        print(f"cell {client.number} took longer than {options.timeout:g} s", file=sys.stderr)
        return 1
    except (DeadKernelError, RuntimeError) as error:
        if client.interrupted:
            return 130
        where = f"in cell {client.number}" if client.number else "before the first cell"
        print(f"the kernel died {where}: {error}", file=sys.stderr)
        return 1
    finally:
        client.printer.end()
    return 0


def _note_foreign(nb: NotebookNode) -> None:
    spec = nb.metadata.get("kernelspec") or {}
    language = spec.get("language", "") if isinstance(spec, dict) else ""
    if language not in OURS:
        print(f"note: this notebook was made for {language}; running it with pybyzer", file=sys.stderr)
