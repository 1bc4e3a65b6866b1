"""What is in this message, and which event does it tell of?

A message of the service is a FHIR Bundle of type ``message`` that begins with a MessageHeader.

Source: FHIR R4 messaging (2019); NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from pestle.pharmacy.refusal import refuse
from pestle.wire.fhir.bundle import Bundle
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.systems import UUID


def open_bundle(root: Element) -> Bundle:
    """The message that this Bundle is.

    Raises `Refused`: ``eps.message-type`` when it is no message, ``fhir.full-url`` when two entries share a
    fullUrl, so that a reference could mean either.
    """
    if root.text("resourceType") != "Bundle" or root.text("type") != "message":
        raise refuse("eps.message-type", "This is not a message: a Bundle of type message", place=root.place)
    resources: list[Element] = []
    by_url: dict[str, Element] = {}
    for entry in root.each("entry"):
        resource, url = entry.need("resource"), entry.need_text("fullUrl")
        if url in by_url:
            raise refuse("fhir.full-url", f"Two entries share the fullUrl {url}", place=entry.at("fullUrl"))
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


def uuid_identifier(value: str) -> dict[str, str]:
    """A UUID as an identifier."""
    return {"system": UUID, "value": value}
