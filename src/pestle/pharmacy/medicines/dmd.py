"""What does a release of the NHS dictionary of medicines and devices (dm+d) say?

The publisher's XML files become one dictionary file. Every reference must lead somewhere within the release,
every id stand once, every GTIN have its check digit; with one fault the whole release is refused, and what
was in use stays in use.

What the files leave open stays open. An old id with two successors has none (one stood for a VMP until 2004
and for a VTM until 2023: nobody can say which is meant). A GTIN on two packs at once is on neither. A
strength without "in how much" is per unit dose where the form is discrete, else an amount only. The first two
are counted in the release's notes, as are packs without a quantity, which are left out.

Source: NHSBSA, dm+d Technical Specification (data model R2 v3.1) and XML schemas v2_3, gtin v2_0, bnf,
history and vtm_ing v1_0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from pestle.pharmacy.medicines.build import MOST_FAULTS, Build
from pestle.pharmacy.medicines.concept import Moiety, Release
from pestle.pharmacy.medicines.dmd_bnf import bnf_codes
from pestle.pharmacy.medicines.dmd_codes import Shared, is_valid
from pestle.pharmacy.medicines.dmd_files import ReleaseFiles, release_files
from pestle.pharmacy.medicines.dmd_products import add_all
from pestle.pharmacy.medicines.xml_records import Record
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.refusal import Refusal, Refused, refuse

# Each part of a file: the field that names its owner, and the kind of that.
_PARTS = {
    "VPI": ("VPID", "vmp"),
    "DFORM": ("VPID", "vmp"),
    "DROUTE": ("VPID", "vmp"),
    "CONTROL_INFO": ("VPID", "vmp"),
    "AP_ING": ("APID", "amp"),
    "LIC_ROUTE": ("APID", "amp"),
    "DTINFO": ("VPPID", "vmpp"),
    "PRESCRIB_INFO": ("APPID", "ampp"),
    "PRICE_INFO": ("APPID", "ampp"),
    "REIMB_INFO": ("APPID", "ampp"),
}
# Each concept: its tag, its id, and the field that it is kept together by.
_CONCEPTS = {
    "vmp": ("VMP", "VPID", ""),
    "amp": ("AMP", "APID", "VPID"),
    "vmpp": ("VMPP", "VPPID", "VPID"),
    "ampp": ("AMPP", "APPID", "APID"),
}
_PREVIOUS = {"VTM": ("VTMID", "VTMIDPREV"), "VMP": ("VPID", "VPIDPREV"), "ING": ("ISID", "ISIDPREV")}


def load(*paths: Path, into: Path, say: Callable[[str], None], dated: date | None = None) -> Path:
    """The dictionary file in folder `into`, made from the release that `paths` hold together.

    `say` is told of each step. `dated` is used where no name of a file says the day. Raises `Refused`, with
    up to 20 faults: as `release_files`, `xml_records.records` and `bnf_codes`; ``release.undated``,
    ``release.empty``, ``release.missing-field``, ``release.id-twice``, ``release.wrong-value``,
    ``release.unknown-reference`` (such as an AMP of a VMP that is not there), ``release.unknown-code`` (not
    in the lookup file), ``barcode.check-digit``, ``barcode.not-a-gtin``.
    """
    with release_files(paths) as files, Build(into) as build:
        day = files.dated or dated
        if day is None:
            raise refuse("release.undated", "Neither zip nor files say which day the release is of",
                         place=", ".join(path.name for path in paths),
                         way_out="Name it: --dated YYYY-MM-DD.")  # fmt: skip
        loading = _Loading(files, build, say)
        loading.read()
        notes = add_all(build, loading.shared, say)
        version = f"-{files.version}" if files.version else ""
        title = f"NHS dm+d{f', release {files.version}' if files.version else ''}"
        return build.finish(Release(f"dmd-{day}{version}", title, str(day), SNOMED, tuple(notes)))


class _Loading:
    """One release on its way into one file: every record is put aside, by its id or with its owner."""

    def __init__(self, files: ReleaseFiles, build: Build, say: Callable[[str], None]) -> None:
        self._files, self._build, self._say = files, build, say
        self._faults: list[Refusal] = []
        self.shared = Shared()

    def read(self) -> None:
        for record in self._records("lookup"):
            if record.tag == "INFO":
                self.shared.codes[record.parent][self._need(record, "CD")] = record.fields.get("DESC", "")
        for record in self._records("ingredient"):
            if record.tag == "ING":
                id_ = self._need(record, "ISID")
                if id_ in self.shared.substances:
                    raise refuse(
                        "release.id-twice", f"The ingredient {id_} stands twice in the release", place=id_
                    )
                self.shared.substances[id_] = self._need(record, "NM")
                self._note_previous(record)
        self._read_moieties()
        for kind in _CONCEPTS:
            self._read_concepts(kind)
        for record in self._records("gtin"):
            if record.tag == "GTINDATA":
                owner = record.outer.get("AMPPID", "")
                self._refer("ampp", owner, f"{self._files.name('gtin')}, line {record.line}")
                self._build.part(owner, "GTINDATA", record.fields)
        for record in self._records("bnf"):
            for id_ in ("VPID", "APID"):
                if id_ in record.fields:
                    self._build.part(record.fields[id_], "BNF", record.fields)
        if self._files.mapping is not None:
            self._say(f"reading {self._files.mapping.name}")
            for id_, code in bnf_codes(self._files.mapping):
                self._build.part(id_, "BNF_CODE", {"BNF": code})
        for record in self._records("history"):
            if record.tag in _PREVIOUS and record.fields.get("IDCURRENT") != record.fields.get("IDPREVIOUS"):
                self.shared.successors[self._need(record, "IDPREVIOUS")].add(self._need(record, "IDCURRENT"))
        self._build.sort_parts()
        self._stop_if_faulty()

    def _read_moieties(self) -> None:
        ingredients: dict[str, list[str]] = defaultdict(list)
        for record in self._records("vtm_ing"):
            if record.tag == "VTM_ING":
                ingredients[self._need(record, "VTMID")].append(self._need(record, "ISID"))
        for record in self._records("vtm"):
            if record.tag == "VTM":
                id_ = self._need(record, "VTMID")
                of = tuple(ingredients[id_]) if id_ in ingredients else None
                moiety = Moiety(id_, self._need(record, "NM"), of, is_valid(record.fields))
                self._build.add_moiety(moiety)
                self.shared.moieties[id_] = moiety
                self._note_previous(record)

    def _read_concepts(self, kind: str) -> None:
        tag, id_field, together = _CONCEPTS[kind]
        for record in self._records(kind):
            if record.tag == tag:
                id_ = self._need(record, id_field)
                parent = self._need(record, together) if together else ""
                place = f"{self._files.name(kind)}, line {record.line}"
                self._build.stage(kind, id_, record.fields, parent=parent, place=place)
                self._note_previous(record)
            elif record.tag in _PARTS:
                owner, of = _PARTS[record.tag]
                id_ = self._need(record, owner)
                self._refer(of, id_, f"{self._files.name(kind)}, line {record.line}")
                self._build.part(id_, record.tag, record.fields)
            elif record.tag == "CCONTENT":
                parent_field, child_field = (
                    ("PRNTVPPID", "CHLDVPPID") if kind == "vmpp" else ("PRNTAPPID", "CHLDAPPID")
                )
                self._build.part(self._need(record, parent_field), "CCONTENT",
                                 {"child": self._need(record, child_field)})  # fmt: skip
        if not self._build.count(kind):
            raise refuse("release.empty", f"The release has not one {tag}", place=self._files.name(kind))

    def _records(self, kind: str) -> Iterator[Record]:
        if kind in self._files.kinds():
            self._say(f"reading {self._files.name(kind)}")
        return self._files.records(kind)

    def _need(self, record: Record, name: str) -> str:
        value = record.fields.get(name)
        if value is None:
            raise refuse("release.missing-field", f"There is a {record.tag} without {name}",
                         place=f"line {record.line}")  # fmt: skip
        return value

    def _note_previous(self, record: Record) -> None:
        if record.tag in _PREVIOUS:
            now, before = (record.fields.get(name, "") for name in _PREVIOUS[record.tag])
            if before and before != now:
                self.shared.successors[before].add(now)

    def _refer(self, kind: str, id_: str, place: str) -> None:
        """Notes a fault when nothing of that kind has the id."""
        if self._build.one_staged(kind, id_) is None:
            self._fault(
                "release.unknown-reference", f"There is no {kind.upper()} {id_} in the release", place
            )

    def _fault(self, rule: str, reason: str, place: str) -> None:
        self._faults.append(Refusal(rule, reason, place=place))
        if len(self._faults) >= MOST_FAULTS:
            self._stop_if_faulty()

    def _stop_if_faulty(self) -> None:
        if self._faults:
            raise Refused(*self._faults)
