"""Two holders of a case as a place: departments, people, or values of an attribute that tells who has it."""

from typing import Final

from potok.core.finding import Place

GROUP_OF_ATTRIBUTE: Final = "holder"


def place_of_holders(holder: str, source: str, target: str) -> Place:
    """Return the place between two holders.

    Parameters
    ----------
    holder
        ``org_unit``, ``resource``, or the name of an attribute.
    source, target
        Their labels.
    """
    if holder == "resource":
        return Place(resource=source, next_resource=target)
    # The attribute stands beside the two holders, which may be called alike in another one.
    group = "" if holder == "org_unit" else f"{GROUP_OF_ATTRIBUTE}={holder}"
    return Place(org_unit=source, next_org_unit=target, group=group)


def holders_of_place(place: Place) -> tuple[str, str, str]:
    """Return what `place_of_holders` made a place of."""
    if place.resource:
        return "resource", place.resource, place.next_resource
    holder = place.group.removeprefix(f"{GROUP_OF_ATTRIBUTE}=") or "org_unit"
    return holder, place.org_unit, place.next_org_unit
