"""The kernel: a compiled model in, the arrays of an event log out."""

from potok.simulate.kernel.compile_model import compile_model
from potok.simulate.kernel.compiled_model import CompiledModel
from potok.simulate.kernel.exporting import events_as_arrow, write_simulated_store
from potok.simulate.kernel.open_cases import OpenCases
from potok.simulate.kernel.replications import iterate_replications
from potok.simulate.kernel.run import simulate
from potok.simulate.kernel.simulated_log import NOBODY, UNKNOWN, SimulatedLog

__all__ = [
    "NOBODY",
    "UNKNOWN",
    "CompiledModel",
    "OpenCases",
    "SimulatedLog",
    "compile_model",
    "events_as_arrow",
    "iterate_replications",
    "simulate",
    "write_simulated_store",
]
