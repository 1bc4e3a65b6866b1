"""What is in this Bundle, and what does a reference in it point at?

Source: FHIR R4 Bundle and Reference (hl7.org/fhir/R4/bundle.html#references, 2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pestle.pharmacy.refusal import refuse
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.systems import ODS


@dataclass(frozen=True, slots=True)
class Bundle:
    """A Bundle that has been opened. `by_url` finds a resource by its fullUrl."""

    root: Element
    resources: tuple[Element, ...]
    by_url: Mapping[str, Element]

    def all(self, resource_type: str) -> tuple[Element, ...]:
        """The resources of one type, in the order of the message."""
        return tuple(found for found in self.resources if found.text("resourceType") == resource_type)

    @property
    def header(self) -> Element:
        """The MessageHeader."""
        return self.all("MessageHeader")[0]

    @property
    def message_id(self) -> str | None:
        """The identifier that the sender gave this message."""
        identifier = self.root.get("identifier")
        return identifier.text("value") if identifier else None

    def resolve(self, reference: Element | None, *, within: Element | None = None) -> Element | None:
        """What a Reference points at: an entry, or a resource contained `within` another.

        None when there is no reference, or when it names something outside the message by identifier.
        Raises `Refused` (``fhir.reference``) when it points at nothing.
        """
        target = reference.text("reference") if reference else None
        if reference is None or target is None:
            return None
        if target.startswith("#"):
            contained = within.where("contained", "id", target[1:]) if within else ()
            found = contained[0] if contained else None
        else:
            found = self.by_url.get(target)
        if found is None:
            reason = f"“{target}” is not in the message"
            raise refuse("fhir.reference", reason, place=reference.at("reference"))
        return found


def identifier(element: Element, system: str) -> str | None:
    """The value of the identifier of one system."""
    found = element.where("identifier", "system", system)
    return found[0].text("value") if found else None


def ods_code(reference: Element | None) -> str | None:
    """The ODS code in a reference by identifier."""
    named = reference.get("identifier") if reference else None
    return named.text("value") if named and named.text("system") in (ODS, None) else None
