"""Whether differences would have stayed as they were: looked at before the change, and what follows if not."""

from potok.inference.parallel_trends.errors import NoTrendError
from potok.inference.parallel_trends.event_study import EventStudy, event_study_of
from potok.inference.parallel_trends.honest import Restriction, breakdown_bound, honest_interval
from potok.inference.parallel_trends.placebo import placebo_in_time
from potok.inference.parallel_trends.pre_trend import PreTrendTest, pre_trend_test

__all__ = [
    "EventStudy",
    "NoTrendError",
    "PreTrendTest",
    "Restriction",
    "breakdown_bound",
    "event_study_of",
    "honest_interval",
    "placebo_in_time",
    "pre_trend_test",
]
