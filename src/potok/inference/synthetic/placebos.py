"""How a synthetic comparison fares where nothing happened: other agencies, earlier months, one control fewer."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.inference.estimate import Estimate, normal_estimate
from potok.inference.observations import Floats, Integers
from potok.inference.synthetic.block import FEWEST, Block
from potok.inference.synthetic.fits import Fit, SyntheticFit

DRAWS: Final = 200
_NOTHING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class SpacePlacebos:
    """The effect beside those found by pretending that controls had been treated.

    Parameters
    ----------
    effect
        The estimate, with a normal interval by the spread of the placebos; its limits are infinite where there are
        fewer than three controls per treated agency.
    placebos
        Shape (P,): effects of the pretended changes.
    p_value
        Two-sided, by the rank of the effect's size among the placebos.
    ratio_p_value
        By the rank of misfit after over misfit before: one-sided by nature, not deceived by a bad fit beforehand.
    """

    effect: Estimate
    placebos: Floats
    p_value: float
    ratio_p_value: float


@dataclass(frozen=True, slots=True)
class TimePlacebos:
    """Effects found by pretending that the change had come earlier.

    Parameters
    ----------
    places
        Shape (P,): how many places come before the pretended change.
    effects
        Shape (P,): the effects found, of which none is real.
    largest
        The largest of them in size.
    """

    places: Integers
    effects: Floats
    largest: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The effect without one of the controls at a time.

    Parameters
    ----------
    controls
        Shape (P,): places of the controls left out, those with weight only, in the block.
    effects
        Shape (P,): the effect without each.
    lowest, highest
        The extremes, the full estimate included.
    """

    controls: Integers
    effects: Floats
    lowest: float
    highest: float


def placebo_in_space(
    block: Block, *, fit: Fit, confidence: float = 0.95, draws: int = DRAWS, seed: int = 0
) -> SpacePlacebos:
    """Pretend that as many controls as were treated had been treated, the real ones left out.

    With one treated agency each control is taken in turn; with several, `draws` sets are drawn. The interval takes the
    noise of treated agencies to be that of controls, and so fails where these differ.

    References
    ----------
    Abadie, Diamond and Hainmueller (2010); Arkhangelsky et al. (2021), algorithm 4.
    """
    found = fit(block)
    pretended = [fit(block.pretending(chosen)) for chosen in _sets(block, draws, seed)]
    effects = np.asarray([one.effect for one in pretended])
    if len(effects) < FEWEST:
        return SpacePlacebos(_unbounded(found.effect, confidence), effects, 1.0, 1.0)
    estimate = normal_estimate(found.effect, standard_error=float(effects.std()), confidence=confidence)
    sizes, ratios = np.abs(effects), np.asarray([_ratio(one) for one in pretended])
    return SpacePlacebos(estimate, effects, _rank(abs(found.effect), sizes), _rank(_ratio(found), ratios))


def placebo_in_time(block: Block, *, fit: Fit, fewest_before: int = 4, fewest_after: int = 1) -> TimePlacebos:
    """Pretend that the change had come at each earlier place, using only what came before the real one."""
    places = np.arange(max(fewest_before, FEWEST), block.before - fewest_after + 1)
    effects = np.asarray([fit(block.earlier(int(place))).effect for place in places])
    largest = float(effects[np.abs(effects).argmax()]) if len(effects) else math.nan
    return TimePlacebos(places, effects, largest)


def leave_one_out(block: Block, *, fit: Fit) -> LeftOut:
    """Estimate anew without each control that has weight, all weights found anew."""
    found = fit(block)
    controls = np.flatnonzero(found.control_weights > 0) if len(block.controls) > FEWEST else np.arange(0)
    effects = np.asarray([fit(block.without(int(control))).effect for control in controls])
    every = np.append(effects, found.effect)
    return LeftOut(controls, effects, float(every.min()), float(every.max()))


def jackknife(block: Block, *, fit: Fit, confidence: float = 0.95) -> Estimate:
    """Estimate the standard error by leaving out each agency, weights of the others kept and scaled up to 1.

    Unbounded, because not defined, with one treated agency or where one control has all the weight; on the safe side
    otherwise.

    References
    ----------
    Arkhangelsky et al. (2021), algorithm 3.
    """
    found = fit(block)
    weights = found.control_weights
    if len(block.treated) < FEWEST or np.count_nonzero(weights) < FEWEST:
        return _unbounded(found.effect, confidence)
    contrast = np.where(np.arange(block.before + block.after) < block.before, 0.0, 1 / block.after)
    contrast = contrast - found.month_weights
    controls, treated = block.controls @ contrast, block.treated @ contrast
    mean, other = float(treated.mean()), float(weights @ controls)
    left = np.concatenate(
        [
            mean - (other - weights * controls) / (1 - weights),
            (treated.sum() - treated) / (len(treated) - 1) - other,
        ]
    )
    count = len(left)
    variance = (count - 1) / count * float(np.square(left - left.mean()).sum())
    return normal_estimate(found.effect, standard_error=math.sqrt(variance), confidence=confidence)


def _sets(block: Block, draws: int, seed: int) -> list[Integers]:
    count, size = len(block.controls), len(block.treated)
    if count - size < FEWEST:
        return []
    if size == 1:
        return [np.asarray([control]) for control in range(count)]
    generator = np.random.default_rng(seed)
    return [np.sort(generator.permutation(count)[:size]) for _draw in range(draws)]


def _ratio(fit: SyntheticFit) -> float:
    return fit.misfit_after / max(fit.misfit_before, _NOTHING)


def _rank(value: float, others: Floats) -> float:
    return float(1 + np.count_nonzero(others >= value * (1 - _NOTHING))) / (1 + len(others))


def _unbounded(value: float, confidence: float) -> Estimate:
    return Estimate(value, -math.inf, math.inf, math.nan, confidence)
