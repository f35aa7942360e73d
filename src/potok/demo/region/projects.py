"""What the agencies of the made-up region changed, when, and what it was in truth."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from potok.demo.region.agencies import Agency
from potok.simulate.model import ProcessModel


class ProjectTruth(StrEnum):
    """What a project was: a true effect, a figure dressed up, one that harms quality, or nothing."""

    EFFECT = "effect"
    GAMED = "gamed"
    HARM = "harm"
    NULL = "null"


class ProjectChange(StrEnum):
    """What a project changed."""

    DAILY_BATCHES = "daily_batches"
    RESTART_CLOCK = "restart_clock"
    REMOVE = "remove"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Project:
    """A project.

    Parameters
    ----------
    key, name, note
        Name of its protocol file, what it is called, and what was done.
    truth, change
        What it was and what it changed.
    registered_on
        When its protocol was written.
    minimum_improvement_days
        Of the mean case duration.
    services
        Those it is about; empty: all of the agency's.
    activity
        What the change is about; empty if that differs by agency.
    waves
        From when on it holds for cases that open, by the agency's key.
    seed
        Number from which the order of the waves was drawn; None if the agency is compared with its own past.
    failure
        What would be failure.
    """

    key: str
    name: str
    note: str
    truth: ProjectTruth
    change: ProjectChange
    registered_on: date
    minimum_improvement_days: float
    services: tuple[str, ...]
    activity: str
    waves: Mapping[str, date]
    seed: int | None
    failure: str


@dataclass(frozen=True, slots=True)
class Quality:
    """How often decisions are reversed, complained of or refusals, and two margins: all shares of cases, 0–1."""

    reversed_share: float
    reversed_share_without_review: float
    complaint_share: float
    refused_share: float
    margin_reversed: float
    margin_complaints: float


@cache
def load_projects() -> tuple[Project, ...]:
    """Load the projects of the region."""
    return tuple(_project(content) for content in _document()["projects"])


@cache
def load_quality() -> Quality:
    """Load what the quality of decisions is like."""
    return Quality(**_document()["quality"])


def projects_of(agency: str) -> tuple[Project, ...]:
    """Return the projects of an agency that change its process, by their dates there."""
    own = [project for project in load_projects() if agency in project.waves]
    changing = [project for project in own if project.change in (ProjectChange.DAILY_BATCHES, ProjectChange.REMOVE)]
    return tuple(sorted(changing, key=lambda project: project.waves[agency]))


def change_model(model: ProcessModel, agency: Agency, project: Project) -> ProcessModel:
    """Return the model of an agency that has the project."""
    if project.change is ProjectChange.DAILY_BATCHES:
        return replace(model, activities=tuple(replace(one, batching=None) for one in model.activities))
    if project.change is ProjectChange.REMOVE:
        types = tuple(one.name for one in model.case_types if one.attributes["service"] in project.services)
        skipped = (*model.rules.skipped, (project.activity, 1.0, types))
        return replace(model, rules=replace(model.rules, skipped=skipped))
    return model


def _document() -> dict[str, Any]:
    return tomllib.loads(files("potok.demo.region").joinpath("projects.toml").read_text(encoding="utf-8"))


def _project(content: Mapping[str, Any]) -> Project:
    return Project(
        key=content["key"],
        name=content["name"],
        note=content["note"],
        truth=ProjectTruth(content["truth"]),
        change=ProjectChange(content["change"]),
        registered_on=content["registered_on"],
        minimum_improvement_days=float(content["minimum_improvement_days"]),
        services=tuple(content.get("services", ())),
        activity=content.get("activity", ""),
        waves={agency: wave["on"] for wave in content["waves"] for agency in wave["agencies"]},
        seed=content.get("seed"),
        failure=content["failure"],
    )
