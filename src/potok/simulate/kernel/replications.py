"""Many replications, side by side."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from threading import Event

from potok.core.language import gettext as _
from potok.core.progress import Progress, SilentProgress
from potok.simulate.kernel.compiled_model import CompiledModel
from potok.simulate.kernel.open_cases import OpenCases
from potok.simulate.kernel.run import simulate
from potok.simulate.kernel.simulated_log import SimulatedLog


def iterate_replications(
    compiled: CompiledModel,
    *,
    seed: int,
    replications: int,
    threads: int | None = None,
    initial: OpenCases | None = None,
    progress: Progress | None = None,
) -> Iterator[SimulatedLog]:
    """Run replications and yield their logs in order.

    No more are held than there are threads, and the one that is yielded. Whoever stops asking, or interrupts, ends
    those under way at their next slice of events.

    Parameters
    ----------
    seed
        Replication r is `simulate` with this seed and ``replication=r``, whatever the number of threads.
    replications
        How many.
    threads
        How many at a time; None: as many as the process may use.
    initial
        Cases open at the beginning of each.
    progress
        Receives how many are done.
    """
    shown = progress or SilentProgress()
    shown.start(_("Simulating"), total=replications, unit=_("replications"))
    workers = min(threads or os.cpu_count() or 1, max(replications, 1))
    stop = Event()
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[SimulatedLog]] = deque()
        begun = 0
        try:
            for done in range(replications):
                while begun < min(done + workers, replications):
                    waiting.append(
                        pool.submit(
                            copy_context().run,
                            simulate,
                            compiled,
                            seed=seed,
                            replication=begun,
                            initial=initial,
                            stop=stop,
                        )
                    )
                    begun += 1
                log = waiting.popleft().result()
                shown.advance_to(done + 1)
                yield log
        finally:
            stop.set()
            for future in waiting:
                future.cancel()
    shown.finish()
