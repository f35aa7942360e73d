"""Plans as the records of a run, before anything has happened."""

from potok.simulate.kernel.hours import BEYOND, Integers
from potok.simulate.kernel.loops import inner
from potok.simulate.kernel.plan import Plan
from potok.simulate.kernel.records import NONE, Records
from potok.simulate.kernel.simulated_log import UNKNOWN


@inner
def lay_out(instances: Records, plan: Plan, ready_us: Integers) -> None:
    """Fill the records of instances.

    Parameters
    ----------
    ready_us
        Of each case open at the beginning: since when its first instances are ready; else `UNKNOWN`.
    """
    for case in range(len(ready_us)):
        for row in range(plan.first_row[case], plan.first_row[case + 1]):
            instance = instances[row]
            instance["awaits"] = plan.first_awaited[row + 1] - plan.first_awaited[row]
            is_given = ready_us[case] != UNKNOWN and instance["awaits"] == 0
            instance["enabled"] = ready_us[case] if is_given else BEYOND
            instance["ready"] = instance["enabled"]
            instance["started"] = BEYOND
            instance["completed"] = BEYOND
            instance["worked"] = 0
            instance["key"] = 0
            instance["turn"] = 0
            instance["batch"] = NONE
            instance["case"] = case
            instance["activity"] = plan.activity[row]
            instance["occurrence"] = plan.occurrence[row]
            instance["person"] = NONE
            instance["left"] = NONE
            instance["right"] = NONE
            instance["member"] = NONE
            instance["is_last"] = 0
