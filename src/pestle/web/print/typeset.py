"""How does a template with its data become a PDF?

Templates are the ``.typ`` files beside this one. Data reach them only as JSON in ``sys.inputs``: nobody's
words ever become markup. Only the fonts of this package are used, never the machine's. The same data give
the same bytes: no clock goes in. The result is PDF/UA-1 (ISO 14289-1:2014), which also makes the compiler
refuse any character that the fonts cannot show, instead of printing a blank or a box.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import typst

from pestle.pharmacy.refusal import refuse

_HERE = Path(__file__).parent
_UNPRINTABLE = re.compile(r"the text `(.+)` could not be displayed with font")
_REFUSED = re.compile(r"panicked with: does-not-fit, (\d+)")


def pdf(template: str, data: Mapping[str, object]) -> bytes:
    """The PDF of a template such as ``label.typ``, filled with `data` (JSON values).

    Raises `Refused`: ``print.unprintable-character``; ``print.does-not-fit`` where the template found, by
    measuring, that something could only be printed too small or cut. `place` counts the items from 1.
    """
    # Composed letters (NFC): the fonts have é, but set e and an accent apart less well.
    words = unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False))
    # One compiler a call: it is cheap, and two threads cannot use the same one.
    compiler = typst.Compiler(_HERE / template, root=_HERE, font_paths=_fonts(), ignore_system_fonts=True)
    try:
        made = compiler.compile(format="pdf", sys_inputs={"data": words}, pdf_standards="ua-1", timestamp=0)
    except typst.TypstError as error:
        if unprintable := _UNPRINTABLE.search(error.message):
            raise refuse("print.unprintable-character",
                         f"Our typeface cannot show {unprintable[1]}",
                         way_out="Write it in Latin letters, as the patient does.") from error  # fmt: skip
        if too_large := _REFUSED.match(error.message):
            raise refuse("print.does-not-fit", "This does not fit at a size that can be read",
                         place=f"item {int(too_large[1]) + 1}") from error  # fmt: skip
        raise
    if not isinstance(made, bytes):
        raise TypeError("one document was asked for")
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_HERE / "fonts"])
