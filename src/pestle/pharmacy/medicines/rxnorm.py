"""What does a release of RxNorm say?

NLM's tables become one dictionary file, in the same concepts as dm+d: an ingredient (IN) and a set of them
(MIN) is a moiety; a clinical drug (SCD) and a generic pack (GPCK) is a VMP; a branded drug (SBD) and a
branded pack (BPCK) is an AMP of it. Components (SCDC) and precise ingredients (PIN) give the ingredients with
their strengths, dose forms (DF) the form. Brand names, and drugs without strength or without form (BN, SCDF,
SBDF, SCDG …), are no product that anybody dispenses: they are checked, and left out.

An NDC names a product, and RxNorm does not say how much is in its package. Where the files of the National
Drug Code directory are given as well, each package that RxNorm knows becomes a pack of that product.

What the files leave open stays open, and is counted in the release's notes: an NDC on two products, a
schedule that two labels contradict, an old id with two successors. A relation of a product in use that leads
nowhere, and one product in a hundred without an ingredient, refuse the whole release.

Source: NLM, RxNorm Technical Documentation, sections 11 and 12 and appendices 1 (relationships, 2023-09-01),
4 (attributes, 2018-09-04) and 5 (term types); NLM Technical Bulletin 442 (since 2021-09-07 RXN_AI, RXN_AM and
RXN_BOSS_FROM are of the clinical drug and name its component in curly brackets); RXNDOC.RRF of 2017-11-06 for
DCSA (``0``, ``2``, ``3n``). That labels write it ``CII`` is recalled. In a row of RXNREL the second concept
has the relation to the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from pestle.pharmacy.medicines import ndc_directory
from pestle.pharmacy.medicines.build import MOST_FAULTS, Build
from pestle.pharmacy.medicines.concept import Release
from pestle.pharmacy.medicines.ndc import ndc
from pestle.pharmacy.medicines.rxnorm_files import ReleaseFiles, release_files
from pestle.pharmacy.medicines.rxnorm_packs import add_packages, stage_packages
from pestle.pharmacy.medicines.rxnorm_products import PRODUCTS, Concept, Shared, add_all
from pestle.pharmacy.refusal import Refusal, Refused, refuse

SYSTEM = "http://www.nlm.nih.gov/research/umls/rxnorm"
COURTESY = (
    "Courtesy of the U.S. National Library of Medicine, which is not responsible for the product and "
    "does not endorse it"
)
TOLD_EVERY = 1_000_000  # lines

# The term types that say what a concept is; the others are further names of it.
_CONCEPTS = frozenset({
    "IN", "PIN", "MIN", "BN", "SCDC", "SBDC", "SCD", "SBD", "GPCK", "BPCK", "DF", "DFG", "SCDF", "SCDFP",
    "SBDF", "SBDFP", "SCDG", "SCDGP", "SBDG", "SBDGP",
})  # fmt: skip
_DRUGS = frozenset({"SCD", "SBD"})
_PACKS = frozenset({"GPCK", "BPCK"})
_COMPONENT = frozenset({"SCDC"})
# Each relation that is read, and what has it.
_RELATIONS = {
    "consists_of": _DRUGS,
    "has_ingredients": frozenset({"SCD"}),
    "has_dose_form": PRODUCTS,
    "tradename_of": frozenset({"SBD", "BPCK"}),
    "contains": _PACKS,
    "has_ingredient": _COMPONENT,
    "has_precise_ingredient": _COMPONENT,
    "has_part": frozenset({"MIN"}),
}
# Each attribute that is read, and what has it.
_ATTRIBUTES = {
    "RXN_STRENGTH": _COMPONENT,
    "RXN_BOSS_STRENGTH_NUM_VALUE": _COMPONENT,
    "RXN_BOSS_STRENGTH_NUM_UNIT": _COMPONENT,
    "RXN_BOSS_STRENGTH_DENOM_VALUE": _COMPONENT,
    "RXN_BOSS_STRENGTH_DENOM_UNIT": _COMPONENT,
    "RXN_BOSS_FROM": _DRUGS,
    "RXN_AI": _DRUGS,
    "RXN_AM": _DRUGS,
    "RXN_QUANTITY": _DRUGS,
    "RXN_HUMAN_DRUG": PRODUCTS,
    "RXN_VET_DRUG": PRODUCTS,
}
# The sources that say the schedule; others that do need a licence of their own.
_SCHEDULING = frozenset({"MTHSPL", "VANDF"})
_IN_USE = frozenset({"N", ""})


def load(*paths: Path, into: Path, say: Callable[[str], None], dated: date | None = None) -> Path:
    """The dictionary file in folder `into`, made from the release that `paths` hold together.

    `say` is told of each step. `dated` is used where neither names nor tables say the day. Raises `Refused`,
    with up to 20 faults: as `release_files` and `rrf.rows`; ``release.undated``, ``release.mixed-dates``,
    ``release.empty``, ``release.id-twice`` (one id that is two things), ``release.unknown-reference``,
    ``release.no-ingredients``; and as `ndc_directory.load` for the directory's files.
    """
    with release_files(paths) as files, Build(into) as build:
        day = files.dated or dated
        if day is None:
            raise refuse("release.undated", "Neither names nor tables say which day the release is of",
                         place=", ".join(path.name for path in paths),
                         way_out="Name it: --dated YYYY-MM-DD.")  # fmt: skip
        if dated not in (None, day):
            raise refuse(
                "release.mixed-dates",
                f"The release is of {day:%d-%b-%Y}, not of {dated:%d-%b-%Y}",
                place="dated",
            )
        loading = _Loading(files, build, say)
        loading.read()
        joined = ndc_directory.is_directory(paths)
        units, notes = stage_packages(build, paths, say) if joined else ({}, [])
        notes = [*loading.notes, *notes, *add_all(build, loading.shared, units, say)]
        if joined:
            notes += add_packages(build, day)
        if not files.full:
            notes.append("Without the history of ids: an old id is not followed")
        kind, title = ("", "RxNorm") if files.full else ("prescribe-", "RxNorm, Current Prescribable Content")
        return build.finish(Release(f"rxnorm-{kind}{day}", title, str(day), SYSTEM, (*notes, COURTESY)))


class _Loading:
    """One release on its way into one file: concepts in memory, what is said of them put aside."""

    def __init__(self, files: ReleaseFiles, build: Build, say: Callable[[str], None]) -> None:
        self._files, self._build, self._say = files, build, say
        self._faults: list[Refusal] = []
        self.shared = Shared()
        self.notes: list[str] = []

    def read(self) -> None:
        self._read_names()
        self._read_relations()
        self._read_attributes()
        self._read_history()
        self._build.sort_parts()
        if self._faults:
            raise Refused(*self._faults)

    def _read_names(self) -> None:
        concepts = self.shared.concepts
        for number, (id_, source, kind, text, suppress) in self._rows(
            "RXNCONSO", "RXCUI", "SAB", "TTY", "STR", "SUPPRESS"
        ):
            if source != "RXNORM":
                continue
            valid = suppress == "N"
            if kind == "PSN" and valid:
                self._build.part(id_, "PSN", {"name": text})
            if kind not in _CONCEPTS:
                continue
            known = concepts.get(id_)
            if known is None or (valid and not known.valid):
                concepts[id_] = Concept(kind, text, valid)
            elif valid and known.kind != kind:
                self._fault("release.id-twice", f"The id {id_} is a {known.kind} and a {kind}",
                            f"RXNCONSO.RRF, line {number}")  # fmt: skip
        if not any(concept.kind == "SCD" and concept.valid for concept in concepts.values()):
            raise refuse("release.empty", "The release has not one clinical drug", place="RXNCONSO.RRF")

    def _read_relations(self) -> None:
        concepts = self.shared.concepts
        for number, (to, of, relation, source, suppress) in self._rows(
            "RXNREL", "RXCUI1", "RXCUI2", "RELA", "SAB", "SUPPRESS"
        ):
            if relation not in _RELATIONS or source != "RXNORM":
                continue
            owner = concepts.get(of)
            if owner is None or owner.kind not in _RELATIONS[relation]:
                continue
            if owner.valid and suppress not in _IN_USE:
                continue
            if to in concepts:
                self._build.part(of, relation, {"to": to})
            elif owner.valid:
                self._fault("release.unknown-reference", f"{of} {relation} {to}, which is not in the release",
                            f"RXNREL.RRF, line {number}")  # fmt: skip

    def _read_attributes(self) -> None:
        concepts = self.shared.concepts
        twice: set[str] = set()
        unread = 0
        for _, (of, name, source, value, suppress) in self._rows(
            "RXNSAT", "RXCUI", "ATN", "SAB", "ATV", "SUPPRESS"
        ):
            owner = concepts.get(of)
            if owner is None or (owner.valid and suppress not in _IN_USE):
                continue
            if name == "NDC" and source == "RXNORM" and owner.valid and owner.kind in PRODUCTS:
                try:
                    code = ndc(value).twelve
                except Refused:
                    unread += 1
                    continue
                holder = self._build.coded(code)
                if holder is None:
                    self._build.add_code(code, of)
                elif holder != of:
                    twice.add(code)
            elif (name == "DCSA" and source in _SCHEDULING and owner.kind in PRODUCTS) or (
                source == "RXNORM" and owner.kind in _ATTRIBUTES.get(name, ())
            ):
                self._build.part(of, name, {"value": value})
        for code in twice:
            self._build.drop_code(code)
        if twice:
            self.notes.append(f"NDCs on two products at once, which find neither: {len(twice)}")
        if unread:
            self.notes.append(f"NDCs that are no code: {unread}")

    def _read_history(self) -> None:
        """`RXNCUI` says what became of an id; the archive of names only where that is silent."""
        successors = self.shared.successors
        for _, (before, after) in self._rows("RXNCUI", "CUI1", "CUI2"):
            if after and after != before:
                successors[before].add(after)
        archived: dict[str, set[str]] = defaultdict(set)
        for _, (before, source, kind, after) in self._rows(
            "RXNATOMARCHIVE", "RXCUI", "SAB", "TTY", "MERGED_TO_RXCUI"
        ):
            if source == "RXNORM" and kind in _CONCEPTS and before and after and after != before:
                archived[before].add(after)
        for before, after_all in archived.items():
            if before not in successors and before not in self.shared.concepts:
                successors[before] = after_all

    def _rows(self, table: str, *columns: str) -> Iterator[tuple[int, tuple[str, ...]]]:
        if table in self._files.tables:
            self._say(f"reading {table}.RRF")
        for number, fields in self._files.rows(table, *columns):
            if number % TOLD_EVERY == 0:
                self._say(f"{table}.RRF: {number:,} lines")
            yield number, fields

    def _fault(self, rule: str, reason: str, place: str) -> None:
        self._faults.append(Refusal(rule, reason, place=place))
        if len(self._faults) >= MOST_FAULTS:
            raise Refused(*self._faults)
