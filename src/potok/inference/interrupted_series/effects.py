"""Effects after a change, for a batch of series: what was, less what is forecast from the months before."""

from dataclasses import dataclass

import numpy as np

from potok.inference.interrupted_series.dependence import (
    Fit,
    Future,
    Sample,
    coefficient_variance,
    fit_grid,
    forecast,
)
from potok.inference.interrupted_series.uncertainty import Grid, Mixture, make_grid, weigh
from potok.inference.observations import Floats


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the months before a change say of the months after it.

    Parameters
    ----------
    sample
        The months before.
    grid, fit
        Pairs (ρ, σ²) and the fit for each.
    weights
        Shape (B, G): of the pairs.
    means, variances
        Shape (B, G, k): of the contrasts of the months after, without their sampling error.
    contrasts
        Shape (k, m).
    """

    sample: Sample
    grid: Grid
    fit: Fit
    weights: Floats
    means: Floats
    variances: Floats
    contrasts: Floats

    def effect(self, number: int, *, values: Floats, sampling: Floats) -> Mixture:
        """Return the effect in one of the contrasts.

        Parameters
        ----------
        values, sampling
            Shape (B, m): months after the change and their sampling variances.
        """
        contrast = self.contrasts[number]
        seen, error = values @ contrast, sampling @ contrast**2
        return Mixture(
            self.weights, seen[:, None] - self.means[..., number], self.variances[..., number] + error[:, None]
        )

    def path(self, number: int) -> Mixture:
        """Return one of the contrasts as it would have been, sampling error apart."""
        return Mixture(self.weights, self.means[..., number], self.variances[..., number])

    def past(self, number: int) -> Mixture:
        """Return a month before the change by trend and season, with the scatter of the process about them."""
        row = self.sample.design[number]
        # Of residuals: what the fit has taken up of the process is not in them.
        scatter = np.maximum(self.grid.process - coefficient_variance(self.fit, row[None])[..., 0], 0)
        return Mixture(self.weights, self.fit.coefficients @ row, scatter)

    def autocorrelation(self) -> Floats:
        """Return the mean of ρ, shape (B,)."""
        return np.asarray((self.weights * self.grid.autocorrelation).sum(axis=1))


def forecast_months(sample: Sample, future: Future, *, autocorrelation: Floats | None = None) -> Forecast:
    """Forecast the contrasts of the months after a change.

    Parameters
    ----------
    autocorrelation
        Shape (r,): values of ρ with equal weights, in place of the reference prior.
    """
    grid = make_grid(sample, autocorrelation=autocorrelation)
    fit = fit_grid(sample, autocorrelation=grid.autocorrelation, process=grid.process)
    means, variances = forecast(
        fit, future, last=int(sample.places[-1]), autocorrelation=grid.autocorrelation, process=grid.process
    )
    return Forecast(sample, grid, fit, weigh(fit.log_likelihood, grid), means, variances, future.contrasts)
