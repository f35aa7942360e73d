"""Models that commands read and write: documents of this program, and the two files of a Prosimos model."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.simulate.model import ProcessModel

FIRST_MONDAY: Final = datetime(2025, 1, 13)  # noqa: DTZ001
"""When the first case of a Prosimos model may arrive unless that is said, on the clock of its zone: it names no day."""
WRITTEN: Final = (".toml", ".json", ".bpmn")
_BPMN: Final = (".bpmn", ".bpmn.gz")


class ModelFilesError(UsageError):
    """Files of a model that do not go together."""

    code = "POTOK-S121"


@dataclass(frozen=True, slots=True)
class ReadModel:
    """A model, and what was not taken over word by word, as sentences."""

    model: "ProcessModel"
    notes: tuple[str, ...] = ()


def is_bpmn(path: str | Path) -> bool:
    """Return whether a name is that of a BPMN document."""
    return str(path).lower().endswith(_BPMN)


def check_model_files(source: str, prosimos: Path | None, written: Path | None) -> None:
    """Refuse one half of a Prosimos model, and a name that asks for compression.

    Raises
    ------
    ModelFilesError
        If a BPMN document comes without its parameters, parameters without a BPMN document, or the file to be written
        were to be compressed.
    """
    if written is not None and written.suffix.lower() == ".gz":
        raise ModelFilesError(
            _("Models are written without compression."),
            where="--model-out",
            remedy=_("Choose a name that ends in one of: {suffixes}.").format(suffixes=", ".join(WRITTEN)),
        )
    if is_bpmn(source) and prosimos is None:
        raise ModelFilesError(
            _("A BPMN document says neither how long work takes nor how many people do it."),
            where=source,
            remedy=_("Name the JSON file with the parameters of this Prosimos model with {option}.").format(
                option="--prosimos"
            ),
        )
    if prosimos is not None and not is_bpmn(source):
        raise ModelFilesError(
            _("Parameters of Prosimos belong to a BPMN document, which this source is not."),
            where="--prosimos",
            remedy=_("Give as SOURCE the file that ends in .bpmn or .bpmn.gz."),
        )


def read_model(source: str, prosimos: Path | None, *, zone: str, start_at: datetime | None) -> ReadModel:
    """Read a model: a document of this program, or a BPMN document with the parameters of Prosimos.

    Parameters
    ----------
    zone
        Whose clock the calendars of a Prosimos model show; UTC if none is named.
    start_at
        When its first case may arrive, time-zone aware; else on `FIRST_MONDAY`.

    Raises
    ------
    BrokenModelError, BrokenProsimosError, BrokenBpmnError
        If a file cannot be read, or holds what cannot be simulated.
    """
    if prosimos is None:
        from potok.simulate.model import load_model

        return ReadModel(load_model(source))
    from potok.core.zones import open_zone
    from potok.simulate.prosimos import read_prosimos

    clock = open_zone(zone or "UTC", error=ModelFilesError, where="--zone")
    begins = start_at or FIRST_MONDAY.replace(tzinfo=clock)
    found = read_prosimos(source, prosimos, start_at=begins, zone=zone or "UTC")
    if start_at is not None:
        return ReadModel(found.model, found.notes)
    day = _("The model names no day; here its first case arrives from Monday {date} on.").format(
        date=FIRST_MONDAY.date().isoformat()
    )
    return ReadModel(found.model, (*found.notes, day))


def save_model(model: "ProcessModel", path: Path) -> tuple[str, ...]:
    """Write a model as the file's name asks: TOML, JSON, or BPMN with Prosimos' parameters in a JSON file beside it.

    Returns
    -------
    tuple of str
        What the files do not hold, as sentences.

    Raises
    ------
    EnvironmentFailureError
        If a file cannot be written.
    NotExportableError
        If Prosimos cannot simulate the model.
    """
    if not is_bpmn(path):
        from potok.simulate.model import write_model

        write_model(model, path)
        return ()
    from potok.log.importing.folder import replace_file
    from potok.simulate.prosimos import write_prosimos

    written = write_prosimos(model)
    parameters = json.dumps(written.parameters, ensure_ascii=False, indent=2) + "\n"
    replace_file(path, written.bpmn)
    replace_file(path.with_suffix(".json"), parameters)
    return written.notes
