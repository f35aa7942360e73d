"""The machine and the environments in which the benchmark runs."""

import hashlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
WORK: Final = HERE / "work"
PEERS_REQUIREMENTS: Final = HERE / "requirements-peers.txt"
PROSIMOS_REQUIREMENTS: Final = HERE / "requirements-prosimos.txt"
THREADS: Final = 2
"""Cores and threads given to every tool."""

OUR_PACKAGES: Final = ("potok", "duckdb", "polars", "pyarrow", "numpy", "ibis-framework", "sqlglot")
PEER_PACKAGES: Final = ("pm4py", "r4pm", "rustxes", "pandas", "polars", "pyarrow", "numpy")
LIST_VERSIONS: Final = (
    "import json, sys; from importlib.metadata import version; "
    "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
)


def limit_threads() -> None:
    """Give this process, and all it starts, `THREADS` cores and as many threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    for name in ("POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = str(THREADS)


def ensure_peers_python(folder: Path = WORK / "peers-venv", requirements: Path = PEERS_REQUIREMENTS) -> Path:
    """Return the Python of the peers' environment, which is made if missing or of another lock file."""
    python = folder / "bin" / "python"
    lock = hashlib.sha256(requirements.read_bytes()).hexdigest()
    marker = folder / "lock.sha256"
    if marker.exists() and marker.read_text() == lock:
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(requirements)]
    subprocess.run([str(python), *install], check=True)
    marker.write_text(lock)
    return python


def ensure_prosimos_python() -> Path:
    """Return the Python of the environment of Simod and Prosimos, which is made if need be."""
    return ensure_peers_python(WORK / "prosimos-venv", PROSIMOS_REQUIREMENTS)


def describe_machine(peers_python: Path) -> dict[str, Any]:
    """Return what a reader needs to judge the figures; no names and no paths."""
    return {
        "cores": os.cpu_count(),
        "cores_used": THREADS,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "architecture": platform.machine(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "versions": _versions(Path(sys.executable), packages=OUR_PACKAGES),
        "peer_versions": _versions(peers_python, packages=PEER_PACKAGES),
    }


def _versions(python: Path, *, packages: tuple[str, ...]) -> dict[str, str]:
    listed = subprocess.run([str(python), "-c", LIST_VERSIONS, *packages], check=True, capture_output=True, text=True)
    versions: dict[str, str] = json.loads(listed.stdout)
    return versions


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
