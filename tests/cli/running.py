"""Running the command line in tests: in this process where possible, in one of its own where necessary."""

import atexit
import contextlib
import contextvars
import ctypes
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from potok.cli.main import main
from potok.core.language import CATALOGUE_FOLDER

# Messages are translated last of all; what tests say of Russian texts holds once the catalogue is compiled.
RUSSIAN_IS_READY = (CATALOGUE_FOLDER / "ru" / "LC_MESSAGES" / "potok.mo").is_file()
TESTS = Path(__file__).parents[1]
START = ("-m", "potok")
_DROP_FROM_BOUNDING_SET = 24
_OVERRIDING = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """The JSON document on standard output."""
        record = json.loads(self.out)
        assert isinstance(record, dict)
        return record


def run(*arguments: object) -> Outcome:
    """Run a command in this process; what it sets for itself, such as the language, ends with it."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = contextvars.copy_context().run(main, [str(argument) for argument in arguments])
    return Outcome(code, out.getvalue(), err.getvalue())


def spawn(*arguments: object, **variables: str) -> Outcome:
    """Run a command in a process of its own."""
    process = start(*arguments, **variables)
    out, err = process.communicate(timeout=300)
    return Outcome(process.returncode, out, err)


def start(*arguments: object, **variables: str) -> "subprocess.Popen[str]":
    """Start a command in a process of its own."""
    command = [sys.executable, *START, *(str(argument) for argument in arguments)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**variables),
        preexec_fn=_heed_interrupts,
    )


def _heed_interrupts() -> None:
    """Take Ctrl-C as a terminal's command does: what a shell starts in the background inherits that it is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_powerless(*commands: Sequence[object]) -> list[Outcome]:
    """Run commands in one process that must obey file permissions, even if the tests are run by root."""
    script = "import json, sys; from cli.running import run; from dataclasses import astuple\n"
    script += "print(json.dumps([astuple(run(*command)) for command in json.load(sys.stdin)]))"
    texts = [[str(argument) for argument in command] for command in commands]
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=False,
        env=environment(PYTHONPATH=str(TESTS)),
        preexec_fn=_give_up_overriding,  # no threads run in the child before it starts anew
    )
    assert done.returncode == 0, done.stderr
    return [Outcome(*outcome) for outcome in json.loads(done.stdout)]


def _give_up_overriding() -> None:
    """Take from root the right to pass over file permissions."""
    if os.geteuid() == 0:
        library = ctypes.CDLL(None)
        for capability in _OVERRIDING:
            library.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of a process of its own; compiled modules are shared among all of them."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": _bytecode_folder(), **variables}


@cache
def _bytecode_folder() -> str:
    folder = tempfile.mkdtemp(prefix="potok-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def hidden_names(folder: Path) -> list[str]:
    """Return the temporary files and folders left in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def is_cyrillic(text: str) -> bool:
    """Return whether a text has Russian words."""
    return any("а" <= letter.lower() <= "я" for letter in text)
