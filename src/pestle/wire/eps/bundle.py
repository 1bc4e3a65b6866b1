"""What is in this message, and what does a reference in it point at?

A message of the service is a FHIR Bundle of type ``message`` that begins with a MessageHeader.

Source: FHIR R4 messaging (2019); NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pestle.pharmacy.refusal import refuse
from pestle.wire.eps.systems import ODS, UUID
from pestle.wire.fhir.element import Element


@dataclass(frozen=True, slots=True)
class Bundle:
    """A message that has been opened. `by_url` finds a resource by its fullUrl."""

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
        Raises `Refused` (``eps.reference``) when it points at nothing.
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
            raise refuse("eps.reference", reason, place=reference.at("reference"))
        return found


def open_bundle(root: Element) -> Bundle:
    """The message that this Bundle is.

    Raises `Refused`: ``eps.message-type`` when it is no message, ``eps.full-url`` when two entries share a
    fullUrl, so that a reference could mean either.
    """
    if root.text("resourceType") != "Bundle" or root.text("type") != "message":
        raise refuse("eps.message-type", "This is not a message: a Bundle of type message", place=root.place)
    resources: list[Element] = []
    by_url: dict[str, Element] = {}
    for entry in root.each("entry"):
        resource, url = entry.need("resource"), entry.need_text("fullUrl")
        if url in by_url:
            raise refuse("eps.full-url", f"Two entries share the fullUrl {url}", place=entry.at("fullUrl"))
        resources.append(resource)
        by_url[url] = resource
    if not resources or resources[0].text("resourceType") != "MessageHeader":
        raise refuse(
            "eps.message-type", "A message begins with its MessageHeader", place=root.at("entry[0].resource")
        )
    return Bundle(root, tuple(resources), by_url)


def event(bundle: Bundle) -> str:
    """The event that the header names, such as ``prescription-order``."""
    return bundle.header.need("eventCoding").need_text("code")


def identifier(element: Element, system: str) -> str | None:
    """The value of the identifier of one system."""
    found = element.where("identifier", "system", system)
    return found[0].text("value") if found else None


def ods_code(reference: Element | None) -> str | None:
    """The ODS code in a reference by identifier."""
    named = reference.get("identifier") if reference else None
    return named.text("value") if named and named.text("system") in (ODS, None) else None


def uuid_identifier(value: str) -> dict[str, str]:
    """A UUID as an identifier."""
    return {"system": UUID, "value": value}
