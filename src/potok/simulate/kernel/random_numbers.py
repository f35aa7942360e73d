"""Random numbers that are looked up, not drawn one after another.

A number belongs to what it decides: (seed, replication, stream, case, key, occurrence). The order in which a run asks
for them, the thread that asks and what else happens in the model change nothing, so that two models that differ in one
place share every other draw (common random numbers).

Source: the mixing function is the finaliser of SplitMix64 (Steele, Lea, Flood (2014), "Fast splittable pseudorandom
number generators", with the constants of Stafford's variant 13).
"""

from enum import IntEnum
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.discover.compiled import compiled
from potok.simulate.kernel.loops import inmost, inner

Keys = npt.NDArray[np.uint64]
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_SECOND: Final = np.uint64(0xD1B54A32D192ED03)
_FIRST_FACTOR: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_FACTOR: Final = np.uint64(0x94D049BB133111EB)
_SHIFT_30: Final = np.uint64(30)
_SHIFT_27: Final = np.uint64(27)
_SHIFT_31: Final = np.uint64(31)
_SHIFT_11: Final = np.uint64(11)
_UNIT: Final = 2.0**-53
_WORD: Final = 2**64


class Stream(IntEnum):
    """What a random number decides."""

    ARRIVAL = 0
    DAY = 1
    CASE_TYPE = 2
    ROUTE = 3
    SKIP = 4
    DURATION = 5
    DELAY = 6
    IS_DELAYED = 7
    ABSENCE = 8
    INCLUSIVE = 9


@inmost
def mixed(value: np.uint64) -> np.uint64:
    """Return a number whose every bit depends on every bit of the one given."""
    value = (value ^ (value >> _SHIFT_30)) * _FIRST_FACTOR
    value = (value ^ (value >> _SHIFT_27)) * _SECOND_FACTOR
    return value ^ (value >> _SHIFT_31)


@inner
def uniform(key: np.uint64, case: int, name: np.uint64, occurrence: int) -> float:
    """Return the number in (0, 1) that belongs to a case, a name and how often it occurred before."""
    of_case = mixed(key + np.uint64(case) * _GOLDEN)
    bits = mixed((of_case ^ name) + np.uint64(occurrence) * _SECOND)
    return (np.float64(bits >> _SHIFT_11) + 0.5) * _UNIT


@compiled
def uniforms(key: np.uint64, first: int, count: int) -> npt.NDArray[np.float64]:
    """Return the numbers of so many cases, from the first given on, of no name."""
    drawn = np.empty(count, np.float64)
    for place in range(count):
        drawn[place] = uniform(key, first + place, np.uint64(0), 0)
    return drawn


def name_key(name: str) -> np.uint64:
    """Return the number that stands for a name, the same in every model that has it."""
    return np.uint64(int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little"))


def stream_keys(seed: int, replication: int) -> Keys:
    """Return the key of each stream of a replication, (10,) uint64."""
    text = f"{seed}/{replication}"
    root = int(name_key(text))
    return np.array([int(name_key(f"{root}/{stream.value}")) % _WORD for stream in Stream], np.uint64)
