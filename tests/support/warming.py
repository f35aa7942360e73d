"""Compiles Potok's loops before workers start, where none are kept: else each worker would compile them for itself."""

from pathlib import Path
from tempfile import TemporaryDirectory

import potok
from cli.running import run
from cli.tiny_log import write_tiny_log

_COMPILED = "*.nbi"


def compile_loops() -> None:
    """Run the commands that need most of the loops; their answers are judged elsewhere."""
    if any(Path(potok.__file__).parent.rglob(_COMPILED)):
        return
    with TemporaryDirectory() as folder:
        log, store = write_tiny_log(Path(folder) / "log.csv"), Path(folder) / "store"
        run("import", log, "--into", store, "--plain-ids", "--zone", "Europe/Moscow")
        run("waste", store)
    run("practise", "--choose", "2")
