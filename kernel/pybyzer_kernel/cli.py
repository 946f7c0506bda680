"""The command ``pybyzer``: run, convert, install, serve, shell."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

import pybyzer
from pybyzer.errors import ByzerError, Unsupported

Handler = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status: 0 done, 1 the work failed, 2 the command was wrong.

    ``install`` and ``shell`` read their own options.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["install"]:
        from pybyzer_kernel.install import main as install

        return install(given[1:])
    if given[:1] == ["shell"]:
        from pybyzer_kernel.cli_shell import shell

        return shell(given[1:])
    options = _parser().parse_args(given)
    handler: Handler = options.handler
    try:
        return handler(options)
    except ByzerError as error:
        print(error.render(), file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our output has gone (``pybyzer run x | head``): nobody is left to tell.
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pybyzer", description="Byzer-lang notebooks in Python.")
    parser.add_argument("--version", action="version", version=f"pybyzer {pybyzer.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_convert(commands)
    commands.add_parser("install", help="install the Jupyter kernel of this environment", add_help=False)
    serve = commands.add_parser("serve", help="answer scripts over HTTP (comes with a later release)")
    serve.set_defaults(handler=_serve)
    commands.add_parser("shell", help="a console with the pybyzer kernel", add_help=False)
    return parser


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run",
        help="run a notebook or a script",
        description="Run a notebook from its first cell to its last with our own kernel, and show results "
        "as they come. Stops at the first error, with exit status 1.",
    )
    run.add_argument("notebook", help=".mlsqlnb, .bznb, .ipynb, .mlsql or .byzer")
    run.add_argument(
        "--param",
        "-p",
        action="append",
        default=[],
        metavar="K=V",
        help='runs set K="V"; after the notebook\'s own parameters (may be repeated)',
    )
    run.add_argument("--output", "-o", help="save the executed notebook: .ipynb, .mlsqlnb or .html")
    run.add_argument("--engine", metavar="NAME", help="the SQL engine: duckdb or spark")
    run.add_argument("--directory", "-C", help="where the notebook runs (default: its own folder)")
    run.add_argument("--timeout", type=float, metavar="SECONDS", help="the most one cell may take")
    run.add_argument("--quiet", "-q", action="store_true", help="show only what fails")
    run.set_defaults(handler=_run)


def _add_convert(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    convert = commands.add_parser(
        "convert",
        help="turn a notebook into another format",
        description="Convert between .mlsqlnb, .bznb, .ipynb and .mlsql; to .html too. Nothing is lost on "
        "the way to a notebook format and back; a script keeps code and text only.",
    )
    convert.add_argument("source", help="the notebook")
    convert.add_argument("target", help="the file to write; its extension names the format")
    convert.set_defaults(handler=_convert)


def _run(options: argparse.Namespace) -> int:
    from pybyzer_kernel.cli_run import run

    return run(options)


def _convert(options: argparse.Namespace) -> int:
    from pybyzer_kernel.cli_convert import save
    from pybyzer_kernel.notebooks.formats import read_notebook

    save(read_notebook(options.source), options.target)
    print(f"{options.source} -> {options.target}")
    return 0


def _serve(options: argparse.Namespace) -> int:
    raise Unsupported(
        "pybyzer serve is not in this release", hint="pybyzer run executes a notebook or a script now"
    )


if __name__ == "__main__":
    sys.exit(main())
