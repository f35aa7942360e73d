"""What a measured operation is; shared by the floors, the peers and ours, so it needs the standard library only."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Digest = tuple[float, ...]
"""A few numbers by which results of different tools for the same operation are compared."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of one tool.

    Parameters
    ----------
    prepare
        Imports what the tool needs and loads the source in the tool's own structure; not measured.
    run
        Does the work on what `prepare` returned; measured.
    """

    prepare: Callable[[Path], Any]
    run: Callable[[Any], Digest]


Operations = dict[tuple[str, str], Operation]
"""By operation and tool."""


KNOWN_DIGESTS: dict[tuple[str, int], Digest] = {
    ("import_csv", 100_000): (100_000,),
    ("import_csv", 1_000_000): (1_000_000,),
    ("import_csv", 10_000_000): (10_000_000,),
    ("directly_follows", 100_000): (21, 5_722_677, 3_954_417),
    ("directly_follows", 1_000_000): (21, 5_692_891, 3_906_690),
    ("directly_follows", 10_000_000): (21, 5_701_998, 3_908_733),
    ("variants", 100_000): (109, 1_623),
    ("variants", 1_000_000): (234, 16_497),
    ("variants", 10_000_000): (196, 163_660),
    ("rework", 100_000): (7_932,),
    ("rework", 1_000_000): (77_268,),
    ("rework", 10_000_000): (773_526,),
    ("hand_over", 100_000): (16_255,),
    ("hand_over", 1_000_000): (19_191,),
    ("hand_over", 10_000_000): (19_200,),
    ("deadlines", 1_000_000): (97_343, 39_446, 55_327, 5),
}
"""By operation and number of events: what the log of the published figures gives."""
