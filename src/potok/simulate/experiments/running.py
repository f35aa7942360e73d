"""Running models on the kernel."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from potok.simulate.experiments.frames import Frame
from potok.simulate.kernel.simulated_log import SimulatedLog
from potok.simulate.model import ProcessModel

if TYPE_CHECKING:
    from potok.simulate.kernel import OpenCases

_MOST_THREADS: Final = 8


@dataclass(frozen=True, slots=True)
class KernelRunner:
    """Runs a model on the kernel, replications side by side in threads.

    Parameters
    ----------
    open_cases
        Cases open at the beginning, for frames that start with them; None: there are none.
    activities, case_types
        Names that the codes in `open_cases` stand for.
    threads
        None: as many as there are processors, up to 8.
    """

    open_cases: "OpenCases | None" = None
    activities: tuple[str, ...] = ()
    case_types: tuple[str, ...] = ()
    threads: int | None = None

    def __call__(self, model: ProcessModel, frame: Frame, *, seed: int, replications: range) -> Iterator[SimulatedLog]:
        """Yield the replications asked for, in their order."""
        from potok.simulate.kernel import compile_model, simulate

        compiled = compile_model(model, start_us=frame.start_us, end_us=frame.end_us + frame.run_on_us, drain=True)
        initial = self._open_cases(model) if frame.starts_with_open_cases else None
        threads = min(self.threads or os.cpu_count() or 1, _MOST_THREADS, len(replications))

        def run(number: int) -> SimulatedLog:
            return simulate(compiled, seed=seed, replication=number, initial=initial)

        if threads <= 1:
            yield from map(run, replications)
            return
        with ThreadPoolExecutor(threads) as pool:
            # No more logs at a time than threads: each may be large.
            for first in range(0, len(replications), threads):
                # In the caller's language.
                begun = [pool.submit(copy_context().run, run, one) for one in replications[first : first + threads]]
                yield from (one.result() for one in begun)

    def _open_cases(self, model: ProcessModel) -> "OpenCases | None":
        """Return the open cases in the codes of a model, whose activities may stand in another order."""
        if self.open_cases is None:
            return None
        activities = _places(self.activities, {one.name: n for n, one in enumerate(model.activities)})
        types = _places(self.case_types, {one.name: n for n, one in enumerate(model.case_types)})
        return replace(
            self.open_cases,
            case_type=types[self.open_cases.case_type],
            activity=activities[self.open_cases.activity],
        )


def _places(names: tuple[str, ...], places: Mapping[str, int]) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    # The last part of an activity that was split stands in its place: who has done the whole has done that.
    return np.array([places.get(name, place) for place, name in enumerate(names)], dtype=np.int32)
