"""A practice ground: a small process, measures with prices, and a budget."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable, read_toml
from potok.simulate.changes import Scenario
from potok.simulate.changes.reading import scenarios_from_mapping
from potok.simulate.model import ProcessModel
from potok.simulate.model.reading import load_model

SCHEMA: Final = "potok.practice/1"
SHIPPED: Final = Path(__file__).parent / "grounds"
MOST_MEASURES: Final = 10


class BrokenGroundError(BadDataError):
    """A file that does not describe a practice ground."""

    code = "POTOK-S150"


class UnknownGroundError(UsageError):
    """A practice ground that is not there."""

    code = "POTOK-S151"


@dataclass(frozen=True, slots=True)
class PracticeGround:
    """A process to practise on.

    Parameters
    ----------
    name, task
        What it is called, and what the trainee is asked.
    model
        The process as it is.
    measures
        What may be done, each a scenario with prices; at most `MOST_MEASURES`, so that the best can be found.
    budget
        What the chosen measures may cost together.
    allowed_harm_share
        By how much each indicator of quality may grow, as a share of cases 0–1.
    """

    name: str
    task: str
    model: ProcessModel
    measures: tuple[Scenario, ...]
    budget: float
    allowed_harm_share: float

    def price(self, chosen: tuple[int, ...]) -> float:
        """Return what some measures cost together."""
        return sum(sum(self.measures[number].prices) for number in chosen)


def list_grounds() -> tuple[str, ...]:
    """List the names of the grounds that come with Potok."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml") if not path.stem.endswith(".model")))


def load_ground(path_or_name: str | Path) -> PracticeGround:
    """Load a practice ground by its name, or by the path of its TOML file.

    Raises
    ------
    UnknownGroundError
        If there is no such ground.
    BrokenGroundError
        If the file does not describe one; faults of its model and its measures are raised as their own errors.
    """
    name = str(path_or_name)
    path = Path(name) if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    if not path.is_file() or (not name.endswith(".toml") and name not in list_grounds()):
        raise UnknownGroundError(
            _("There is no practice ground “{name}”.").format(name=name),
            where=name,
            remedy=_("Grounds that come with Potok: {names}. Or give the path of a file that ends in .toml.").format(
                names=", ".join(list_grounds())
            ),
        )
    return _read(path)


def _read(path: Path) -> PracticeGround:
    content = read_toml(path, BrokenGroundError)
    table = TomlTable(content, file=str(path), place="", error=BrokenGroundError)
    table.choice("schema", (SCHEMA,), SCHEMA)
    measures = scenarios_from_mapping({"scenario": content.get("scenario", [])}, file=str(path))
    table.value("scenario", list, _("measures as [[scenario]]"))
    if len(measures) > MOST_MEASURES:
        raise table.failure(
            "scenario",
            _("There are {count} measures; with more than {most} the best cannot be found.").format(
                count=len(measures), most=MOST_MEASURES
            ),
            _("Leave some out."),
        )
    ground = PracticeGround(
        name=table.text("name"),
        task=table.text("task"),
        model=load_model(path.parent / table.text("model")),
        measures=measures,
        budget=table.number("budget"),
        allowed_harm_share=table.number("allowed_harm_share", 0.0),
    )
    table.finish()
    return ground
