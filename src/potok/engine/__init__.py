"""Engines that run analyses: the only place that imports a driver or Ibis's compiler."""
