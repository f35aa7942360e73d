"""Practice grounds («фабрика процессов»): change a small process under a budget, and see what it would bring."""

from potok.simulate.practice.ground import PracticeGround, list_grounds, load_ground
from potok.simulate.practice.trials import Figure, Ranked, Trial, find_best, rank_trial, try_measures

__all__ = [
    "Figure",
    "PracticeGround",
    "Ranked",
    "Trial",
    "find_best",
    "list_grounds",
    "load_ground",
    "rank_trial",
    "try_measures",
]
