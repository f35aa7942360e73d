"""The operations of pm4py and r4pm. Runs in the peers' own environment only; Potok never imports them.

Digests are those of `floors`. pm4py's times need a start and an end of each event, as the benchmark's log has them.
"""

import warnings
from pathlib import Path
from typing import Any

from operations import Digest, Operation, Operations

warnings.filterwarnings("ignore")  # of pm4py, about optional packages

CASE, ACTIVITY, RESOURCE, START, END = (
    "case:concept:name",
    "concept:name",
    "org:resource",
    "start_timestamp",
    "time:timestamp",
)
XES_NAMES = {"case_id": CASE, "activity": ACTIVITY, "resource": RESOURCE, "start_time": START, "end_time": END}


def _pm4py_source(source: Path) -> Path:
    import pandas  # noqa: F401 - importing is not part of the measured work
    import pm4py  # noqa: F401

    return source


def _pm4py_frame(source: Path) -> Any:
    import pandas as pd
    import pm4py

    frame = pd.read_parquet(source, columns=list(XES_NAMES))
    for name in ("activity", "resource"):
        frame[name] = frame[name].astype(str)
    return pm4py.format_dataframe(frame.rename(columns=XES_NAMES), start_timestamp_key=START)


def _pm4py_completions(source: Path) -> Any:
    """Load completions alone: with start times pm4py's durations of cases in business hours fail."""
    import pandas as pd
    import pm4py

    names = {name: shown for name, shown in XES_NAMES.items() if shown in {CASE, ACTIVITY, END}}
    frame = pd.read_parquet(source, columns=list(names))
    frame["activity"] = frame["activity"].astype(str)
    return pm4py.format_dataframe(frame.rename(columns=names))


def _r4pm_source(source: Path) -> Path:
    import polars  # noqa: F401
    import r4pm  # noqa: F401

    return source


def _r4pm_log(source: Path) -> Any:
    import polars as pl
    import r4pm

    columns = ["case_id", "activity", "resource", "end_time"]
    frame = pl.read_parquet(source, columns=columns).with_columns(
        pl.col("activity", "resource").cast(pl.String), pl.col("end_time").cast(pl.Datetime("ms", "UTC"))
    )
    return r4pm.import_item_from_df("EventLog", frame.rename({name: XES_NAMES[name] for name in columns}))


def _read_csv_pm4py(source: Path) -> Digest:
    import pandas as pd
    import pm4py

    frame = pm4py.format_dataframe(
        pd.read_csv(source), case_id="case_id", activity_key="activity", timestamp_key="end_time"
    )
    return (len(frame),)


def _read_xes_pm4py(source: Path) -> Digest:
    import pm4py

    return (len(pm4py.read_xes(str(source), variant="iterparse")),)


def _read_xes_rustxes(source: Path) -> Digest:
    import pm4py

    return (len(pm4py.read_xes(str(source), variant="rustxes")),)


def _read_xes_r4pm(source: Path) -> Digest:
    import r4pm

    return (r4pm.df.import_xes(str(source))[0].height,)


def _directly_follows_pm4py(frame: Any) -> Digest:
    import pm4py

    edges = pm4py.discover_performance_dfg(frame)[0].values()
    return (len(edges), round(sum(edge["mean"] for edge in edges)), round(sum(edge["median"] for edge in edges)))


def _directly_follows_counts_pm4py(frame: Any) -> Digest:
    import pm4py

    return (sum(pm4py.discover_dfg(frame)[0].values()),)


def _directly_follows_counts_r4pm(log: Any) -> Digest:
    from r4pm import bindings

    graph = bindings.discover_dfg(log)
    edges = graph.get("directly_follows_relations", graph.get("edges", []))
    return (sum(edge[-1] for edge in edges),)


def _variants_pm4py(frame: Any) -> Digest:
    import pm4py

    variants = pm4py.get_variants(frame)
    return (len(variants), max(variants.values()))


def _rework_pm4py(frame: Any) -> Digest:
    import pm4py

    return (sum(pm4py.get_rework_cases_per_activity(frame).values()),)


def _hand_over_pm4py(frame: Any) -> Digest:
    import pm4py

    return (len(pm4py.discover_handover_of_work_network(frame).connections),)


def _office_hours() -> list[tuple[int, int]]:
    """Return eight to five, Monday to Friday, in seconds from the beginning of the week."""
    return [((day * 24 + 8) * 3600, (day * 24 + 17) * 3600) for day in range(5)]


def _calendar_graph_pm4py(frame: Any) -> Digest:
    import pm4py

    edges = pm4py.discover_performance_dfg(frame, business_hours=True, business_hour_slots=_office_hours())[0].values()
    return (len(edges), round(sum(edge["mean"] for edge in edges)))


def _calendar_durations_pm4py(frame: Any) -> Digest:
    import pm4py

    return (len(pm4py.get_all_case_durations(frame, business_hours=True, business_hour_slots=_office_hours())),)


def _temporal_profile_pm4py(frame: Any) -> Digest:
    import pm4py

    return (len(pm4py.discover_temporal_profile(frame)),)


OPERATIONS: Operations = {
    ("calendar_graph", "pm4py"): Operation(_pm4py_frame, _calendar_graph_pm4py),
    ("calendar_durations", "pm4py"): Operation(_pm4py_completions, _calendar_durations_pm4py),
    ("temporal_profile", "pm4py"): Operation(_pm4py_frame, _temporal_profile_pm4py),
    ("import_csv", "pm4py"): Operation(_pm4py_source, _read_csv_pm4py),
    ("import_xes", "pm4py"): Operation(_pm4py_source, _read_xes_pm4py),
    ("import_xes", "pm4py+rustxes"): Operation(_pm4py_source, _read_xes_rustxes),
    ("import_xes", "r4pm"): Operation(_r4pm_source, _read_xes_r4pm),
    ("directly_follows", "pm4py"): Operation(_pm4py_frame, _directly_follows_pm4py),
    ("directly_follows_counts", "pm4py"): Operation(_pm4py_frame, _directly_follows_counts_pm4py),
    ("directly_follows_counts", "r4pm"): Operation(_r4pm_log, _directly_follows_counts_r4pm),
    ("variants", "pm4py"): Operation(_pm4py_frame, _variants_pm4py),
    ("rework", "pm4py"): Operation(_pm4py_frame, _rework_pm4py),
    ("hand_over", "pm4py"): Operation(_pm4py_frame, _hand_over_pm4py),
}
