"""Which Python runs a cell: the session's own, or the one that ``#%env`` activates."""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from pybyzer.errors import MissingPackage

NO_ENVIRONMENT = ("", ":", "true")
"""Values of PYTHON_ENV that activate nothing."""
CURRENT = "current"
QUIET = {"MPLBACKEND": "Agg"}
"""What every Python of ours gets: figures are files."""
KERAS_2 = ("TF_USE_LEGACY_KERAS", "1")
"""Makes ``tensorflow.keras`` the Keras that published notebooks were written for, where it is installed."""
PACKAGES = {
    "cv2": "opencv-python-headless",
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "yaml": "pyyaml",
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "Crypto": "pycryptodome",
    "serial": "pyserial",
    "tf_keras": "tf-keras",
    "ray": '"ray[default]"',
}
"""Modules whose package has another name."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python and what is in its environment. Two cells with an equal one may share a process.

    ``python`` is the program; ``prefix`` a shell text that activates an environment first. ``name`` is
    what messages call it.
    """

    python: str
    prefix: str = ""
    name: str = ""
    env: tuple[tuple[str, str], ...] = ()

    @property
    def own(self) -> bool:
        """Whether it is the session's own Python."""
        return self.python == sys.executable and not self.prefix

    def command(self, arguments: list[str]) -> list[str]:
        """The words that start it with these arguments."""
        if not self.prefix:
            return [self.python, *arguments]
        words = " ".join(shlex.quote(word) for word in arguments)
        return ["bash", "-c", f"{self.prefix} && exec {self.python} {words}"]

    def environment(self) -> dict[str, str]:
        """The environment variables of its processes."""
        inherited = dict(os.environ)
        if not self.own:
            # What points into our environment would mix two Pythons.
            for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"):
                inherited.pop(name, None)
        # Output is flushed ten times a second; unbuffered, each print would be two writes.
        inherited.pop("PYTHONUNBUFFERED", None)
        inherited.update({"PYTHONIOENCODING": "utf-8:backslashreplace", **QUIET})
        return inherited | dict(self.env)


def interpreter(env: Mapping[str, str], conf: Mapping[str, str], aliases: Mapping[str, str]) -> Interpreter:
    """The Python of a cell; ``MissingPackage`` when its environment is not there."""
    others = tuple(sorted((key, value) for key, value in env.items() if key != "PYTHON_ENV"))
    text = env.get("PYTHON_ENV", "").strip()
    if text in NO_ENVIRONMENT:
        return Interpreter(_program(conf), env=others)
    name = _last_word(text)
    target = aliases.get(text, aliases.get(name))
    if text == CURRENT:
        return Interpreter(_program(conf), env=others)
    if target == CURRENT:
        old = (KERAS_2,) if _has_keras_2() and KERAS_2[0] not in env else ()
        return Interpreter(_program(conf), env=tuple(sorted((*others, *old))))
    if target is not None:
        return Interpreter(_python_of(os.path.expanduser(target), name), name=name, env=others)
    directory = os.path.expanduser(text)
    if os.path.isdir(directory):
        return Interpreter(_python_of(directory, text), name=text, env=others)
    if len(text.split()) == 1:
        raise _missing(name, f"{text} is no directory")
    words = _words(text)
    if (
        words[:1] in (["source"], ["."])
        and len(words) > 1
        and not os.path.isfile(os.path.expanduser(words[1]))
    ):
        raise _missing(name, f"there is no {words[1]}")
    return Interpreter("python", prefix=text, name=name, env=others)


def install_command(python: str, module: str) -> str:
    """How to install what provides a module, into the environment of that Python."""
    return f"{python} -m pip install {PACKAGES.get(module, module)}"


def _program(conf: Mapping[str, str]) -> str:
    program = conf.get("pythonExec", "").strip()
    return sys.executable if program in ("", "python", "python3") else program


def _has_keras_2() -> bool:
    return importlib.util.find_spec("tf_keras") is not None


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _last_word(text: str) -> str:
    """The environment an activation line names: its last word, or the folder above ``bin/activate``."""
    word = (_words(text) or [text])[-1]
    if word.endswith("/bin/activate"):
        return os.path.basename(word.removesuffix("/bin/activate"))
    return word


def _python_of(directory: str, name: str) -> str:
    python = os.path.join(directory, "bin", "python")
    if not os.access(python, os.X_OK):
        raise _missing(name, f"there is no {python}", directory)
    return python


def _missing(name: str, why: str, directory: str | None = None) -> MissingPackage:
    where = directory or f"~/envs/{name}"
    return MissingPackage(
        f'no Python environment "{name}": {why}',
        hint=f"make it with: python3 -m venv {where}, and name that directory in the setting env_aliases "
        f"(PYBYZER_ENV_ALIASES={name}={where}; {name}=current runs the cell in this one); "
        "#%env=: means no environment",
    )
