"""Puts the kernelspec where Jupyter looks, with the interpreter that runs this.

The wheel brings a kernelspec too, but Jupyter runs that with its own interpreter: right only where
Jupyter is installed in the same environment, and absent from an editable install.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

NAME = "pybyzer"
SPEC = Path(__file__).parent / "kernelspec"


def write_spec(
    directory: Path, *, display_name: str | None = None, env: Mapping[str, str] | None = None
) -> Path:
    """Write a kernelspec for this interpreter into a directory that exists; returns it."""
    for file in SPEC.iterdir():
        shutil.copyfile(file, directory / file.name)
    path = directory / "kernel.json"
    spec = json.loads(path.read_text(encoding="utf-8"))
    spec["argv"][0] = sys.executable
    if display_name:
        spec["display_name"] = display_name
    if env:
        spec["env"] = dict(env)
    path.write_text(json.dumps(spec, indent=2) + "\n", encoding="utf-8")
    return directory


def install(
    *,
    user: bool = False,
    prefix: str | None = None,
    name: str = NAME,
    display_name: str | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Install the kernelspec; the directory it went to."""
    from jupyter_client.kernelspec import KernelSpecManager

    with tempfile.TemporaryDirectory() as temporary:
        made = write_spec(Path(temporary), display_name=display_name, env=env)
        return str(KernelSpecManager().install_kernel_spec(str(made), name, user=user, prefix=prefix))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the exit status."""
    parser = argparse.ArgumentParser(
        prog="pybyzer install", description="Install the Jupyter kernel of this environment."
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--user", action="store_true", help="for this user, in all environments")
    place.add_argument("--sys-prefix", action="store_true", help="into this environment (the default)")
    place.add_argument("--prefix", metavar="P", help="into the environment at P")
    parser.add_argument("--name", default=NAME, help="name of the kernel (pybyzer)")
    parser.add_argument("--display-name", help="name shown in menus")
    parser.add_argument(
        "--env", nargs=2, action="append", metavar=("K", "V"), help="an environment variable of the kernel"
    )
    given = parser.parse_args(arguments)
    prefix = None if given.user else given.prefix or sys.prefix
    try:
        where = install(
            user=given.user,
            prefix=prefix,
            name=given.name,
            display_name=given.display_name,
            env=dict(given.env or ()),
        )
    except OSError as error:
        print(f"cannot install the kernel: {error}\ntry --user, or --prefix", file=sys.stderr)
        return 1
    print(f"installed the kernel {given.name} in {where}")
    return 0
