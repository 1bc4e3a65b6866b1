"""How long a full-size release takes to load, how large it becomes, and when the first search is answered.

    python -m tests.scale.release_load [dmd|rxnorm] [--share 0.1] [--folder FOLDER]

A dm+d release is made in the publisher's layout, with the real moieties, ingredients and codes of a public
one (PESTLE_SAMPLES) and invented products: 24,000 VMP, 160,000 AMP, 25,000 VMPP, 190,000 AMPP. One of RxNorm
has about as many lines as its tables of 2017-11-06 had. `--share` makes a smaller one; what was made stays in
FOLDER, and is used again. Each step runs in a process of its own; seconds are of its processor.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from biip.checksums import gs1_standard_check_digit
from tests.scale.search import FORMS, SEED, STRENGTHS, SYLLABLES

from pestle.pharmacy.medicines.rrf import COLUMNS

VMP, AMP, VMPP, AMPP = 24_000, 160_000, 25_000, 190_000
# About so many lines of each: 124, 468 and 568 million bytes.
CONSO, REL, SAT = 1_100_000, 6_500_000, 7_000_000
_NAMESPACE = "1000001"  # dm+d's, at the end of its SNOMED ids
_TABLET, _CAPSULE, _MG = "428673006", "428641000", "258684004"
_ORAL, _ORAL_FORM = "26643006", "385055001"


def make_dmd(folder: Path, samples: Path, share: float) -> None:
    """The eight files of a release, each written row by row."""
    draw = random.Random(SEED)
    sample = samples / "uk/dmd/sample-2019-04"
    for kind in ("ingredient", "lookup", "vtm"):
        [path] = sample.glob(f"f_{kind}2_*.xml")
        (folder / path.name).write_bytes(path.read_bytes())
    [vtms] = sample.glob("f_vtm2_*.xml")
    [ingredients] = sample.glob("f_ingredient2_*.xml")
    [lookup] = sample.glob("f_lookup2_*.xml")
    moieties = [(row.findtext("VTMID") or "", row.findtext("NM") or "") for row in _rows(vtms, "VTM")]
    substances = [row.findtext("ISID") or "" for row in _rows(ingredients, "ING")]
    suppliers = [info.findtext("CD") or "" for group in _rows(lookup, "SUPPLIER") for info in group]
    count = {"vmp": VMP, "amp": AMP, "vmpp": VMPP, "ampp": AMPP}
    count = {kind: max(1, int(of * share)) for kind, of in count.items()}
    products = []
    for at in range(count["vmp"]):
        vtm, name = moieties[draw.randrange(len(moieties))]
        products.append((_id(1, at), vtm, f"{name} {draw.choice(STRENGTHS)} {draw.choice(FORMS)}"))
    _write(folder, "vmp", "VIRTUAL_MED_PRODUCTS", {
        "VMPS": (_row("VMP", VPID=id_, VTMID=vtm, NM=name, BASISCD="0001", PRES_STATCD="0001", DF_INDCD="1",
                      UDFS="1", UDFS_UOMCD=_TABLET, UNIT_DOSE_UOMCD=_TABLET) for id_, vtm, name in products),
        "VIRTUAL_PRODUCT_INGREDIENT": (
            _row("VPI", VPID=id_, ISID=draw.choice(substances), STRNT_NMRTR_VAL="5",
                 STRNT_NMRTR_UOMCD=_MG) for id_, _, _ in products),
        "DRUG_FORM": (_row("DFORM", VPID=id_, FORMCD=_ORAL_FORM) for id_, _, _ in products),
        "DRUG_ROUTE": (_row("DROUTE", VPID=id_, ROUTECD=_ORAL) for id_, _, _ in products),
        "CONTROL_DRUG_INFO": (_row("CONTROL_INFO", VPID=id_, CATCD="0000") for id_, _, _ in products),
    })  # fmt: skip
    makers: list[tuple[str, int, str]] = []
    for at in range(count["amp"]):
        of = at % len(products)
        branded = draw.random() < 0.3
        brand = "".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))).capitalize()
        name = products[of][2]
        cut = next((place for place, letter in enumerate(name) if letter.isdigit()), 0)
        makers.append((_id(2, at), of, f"{brand} {name[cut:]}" if branded else name))
    _write(folder, "amp", "ACTUAL_MEDICINAL_PRODUCTS", {
        "AMPS": (_row("AMP", APID=id_, VPID=products[of][0], NM=name, DESC=f"{name} (Made)",
                      SUPPCD=draw.choice(suppliers), LIC_AUTHCD="0001", AVAIL_RESTRICTCD="0001")
                 for id_, of, name in makers),
        "LICENSED_ROUTE": (_row("LIC_ROUTE", APID=id_, ROUTECD=_ORAL) for id_, _, _ in makers),
    })  # fmt: skip
    packs = [(_id(3, at), at % len(products), 28) for at in range(count["vmpp"])]
    _write(folder, "vmpp", "VIRTUAL_MED_PRODUCT_PACK", {
        "VMPPS": (_row("VMPP", VPPID=id_, NM=f"{products[of][2]} {size} tablet", VPID=products[of][0],
                       QTYVAL=str(size), QTY_UOMCD=_TABLET) for id_, of, size in packs),
        "DRUG_TARIFF_INFO": (_row("DTINFO", VPPID=id_, PAY_CATCD="0001", PRICE="150", DT="2019-04-01")
                             for id_, _, _ in packs),
    })  # fmt: skip
    boxes = [(_id(4, at), makers[at % len(makers)]) for at in range(count["ampp"])]
    _write(folder, "ampp", "ACTUAL_MEDICINAL_PROD_PACKS", {
        "AMPPS": (_row("AMPP", APPID=id_, NM=f"{name} 28 tablet", VPPID=packs[of][0], APID=amp,
                       LEGAL_CATCD="0003") for id_, (amp, of, name) in boxes),
        "MEDICINAL_PRODUCT_PRICE": (_row("PRICE_INFO", APPID=id_, PRICE="250", PRICEDT="2019-01-01",
                                         PRICE_BASISCD="0001") for id_, _ in boxes),
        "REIMBURSEMENT_INFO": (_row("REIMB_INFO", APPID=id_, PX_CHRGS="1", DISP_FEES="1", BB="0001")
                               for id_, _ in boxes),
    })  # fmt: skip
    _write(folder, "gtin", "GTIN_DETAILS", {
        "AMPPS": (f"<AMPP><AMPPID>{id_}</AMPPID><GTINDATA><GTIN>{_gtin(at)}</GTIN>"
                  "<STARTDT>2019-01-01</STARTDT></GTINDATA></AMPP>\n" for at, (id_, _) in enumerate(boxes)),
    }, name="f_gtin2_0010419.xml")  # fmt: skip


def make_rxnorm(folder: Path, share: float) -> None:
    """The three tables that are never missing, with products, components, codes and much of other sources."""
    draw = random.Random(SEED)
    drugs, names = int(25_000 * share) or 1, int(CONSO * share)
    rels, sats = int(REL * share), int(SAT * share)
    (folder / "Readme_Full_Prescribe_11062017.txt").write_text("made\n")

    def written(table: str, rows: Iterable[dict[str, str]]) -> None:
        with (folder / f"{table}.RRF").open("w", encoding="utf-8") as file:
            for row in rows:
                file.write("|".join(row.get(column, "") for column in COLUMNS[table]) + "|\n")

    def conso() -> Iterator[dict[str, str]]:
        yield {"RXCUI": "1", "SAB": "RXNORM", "TTY": "DF", "STR": "Oral Tablet", "SUPPRESS": "N"}
        for at in range(drugs):
            name = "".join(draw.choices(SYLLABLES, k=3))
            for base, kind, text in ((10, "IN", name), (20, "SCDC", f"{name} 5 MG"),
                                     (30, "SCD", f"{name} 5 MG Oral Tablet"),
                                     (40, "SBD", f"{name} 5 MG Oral Tablet [{name}ol]")):  # fmt: skip
                yield {"RXCUI": f"{base}{at:06}", "LAT": "ENG", "SAB": "RXNORM", "TTY": kind, "STR": text,
                       "SUPPRESS": "N", "CVF": "4096"}  # fmt: skip
        for at in range(names - 4 * drugs):
            yield {"RXCUI": f"30{at % drugs:06}", "LAT": "ENG", "RXAUI": str(at), "SAB": "MMSL", "TTY": "CD",
                   "CODE": str(at), "STR": "made, 5 mg oral tablet", "SUPPRESS": "N"}  # fmt: skip

    def rel() -> Iterator[dict[str, str]]:
        for at in range(drugs):
            for to, of, relation in ((10, 20, "has_ingredient"), (20, 30, "consists_of"),
                                     (30, 40, "tradename_of"), (20, 40, "consists_of")):  # fmt: skip
                yield {"RXCUI1": f"{to}{at:06}", "STYPE1": "CUI", "REL": "RO", "RXCUI2": f"{of}{at:06}",
                       "STYPE2": "CUI", "RELA": relation, "RUI": str(at), "SAB": "RXNORM"}  # fmt: skip
            yield {"RXCUI1": "1", "RXCUI2": f"30{at:06}", "RELA": "has_dose_form", "SAB": "RXNORM"}
        for at in range(rels - 5 * drugs):
            yield {"RXAUI1": str(at), "STYPE1": "AUI", "REL": "RO", "RXAUI2": str(at + 1), "STYPE2": "AUI",
                   "RELA": "inactive_ingredient_of", "RUI": str(at), "SAB": "MTHSPL"}  # fmt: skip

    def sat() -> Iterator[dict[str, str]]:
        codes = min(9 * drugs, sats)
        for at in range(codes):
            yield {"RXCUI": f"30{at % drugs:06}", "RXAUI": str(at), "STYPE": "AUI", "ATN": "NDC",
                   "SAB": "RXNORM", "ATV": f"{at:011}", "SUPPRESS": "N", "CVF": "4096"}  # fmt: skip
        for at in range(drugs):
            yield {
                "RXCUI": f"20{at:06}",
                "ATN": "RXN_STRENGTH",
                "SAB": "RXNORM",
                "ATV": "5 MG",
                "SUPPRESS": "N",
            }
        for at in range(sats - codes - drugs):
            yield {"RXCUI": f"30{at % drugs:06}", "RXAUI": str(at), "STYPE": "AUI", "CODE": str(at),
                   "ATN": "SPL_SET_ID", "SAB": "MTHSPL", "ATV": "4192e27f-0034-4cd9-b9e0-27b52cb4b970",
                   "SUPPRESS": "N", "CVF": "4096"}  # fmt: skip

    for table, rows in (("RXNCONSO", conso()), ("RXNREL", rel()), ("RXNSAT", sat())):
        written(table, rows)


def _id(kind: int, at: int) -> str:
    return f"{kind}{at:07}{_NAMESPACE}00"


def _gtin(at: int) -> str:
    payload = f"952{at:09}"
    return payload + str(gs1_standard_check_digit(payload))


def _rows(path: Path, tag: str) -> Iterator[ElementTree.Element]:
    return ElementTree.parse(path).getroot().iter(tag)


def _row(tag: str, **fields: str) -> str:
    told = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return f"<{tag}>{told}</{tag}>\n"


def _write(folder: Path, kind: str, root: str, groups: dict[str, Iterable[str]], name: str = "") -> None:
    with (folder / (name or f"f_{kind}2_3010419.xml")).open("w", encoding="utf-8") as file:
        file.write(f"<{root}>\n")
        for group, rows in groups.items():
            file.write(f"<{group}>\n")
            file.writelines(rows)
            file.write(f"</{group}>\n")
        file.write(f"</{root}>\n")


_LOAD = """
import sys
from pathlib import Path
from pestle.pharmacy.medicines import dmd, rxnorm
load = {"dmd": dmd, "rxnorm": rxnorm}[sys.argv[1]].load
print(load(Path(sys.argv[2]), into=Path(sys.argv[3]), say=lambda line: None))
"""
_FIRST_SEARCH = """
import sys, time
from pathlib import Path
from pestle.pharmacy.medicines.dictionary import read
from pestle.pharmacy.medicines.search import Index
def told(what):
    global began
    print(f"  {what:34} {time.process_time() - began:7.2f} s")
    began = time.process_time()
began = time.process_time()
known = read(Path(sys.argv[1]))
told("opened")
known.product("1")
told("first product asked for")
index = Index(known)
told("search index made")
index.search("amlodipine 5")
told("first search")
index.search("amlodipne 5")
told("second search")
"""


def measured(what: str, script: str, *arguments: str) -> str:
    """Runs a step in a process of its own, and says its processor seconds and its peak memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stdout.write(done.stderr)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = after.ru_maxrss // 1024  # of the largest child so far
    _say(f"{what}: {used:.1f} s of processor, {time.perf_counter() - began:.1f} s, peak {peak} MB")
    return done.stdout


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("which", nargs="?", default="dmd", choices=("dmd", "rxnorm"))
    asked.add_argument("--share", type=float, default=1.0)
    asked.add_argument("--folder", type=Path)
    options = asked.parse_args()
    samples = os.environ.get("PESTLE_SAMPLES")
    if options.which == "dmd" and not samples:
        _say("PESTLE_SAMPLES is not set: there are no moieties and codes to make a release from.")
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)) / f"{options.which}-{options.share}"
        if not folder.exists():
            folder.mkdir(parents=True)
            began = time.perf_counter()
            if options.which == "dmd":
                make_dmd(folder, Path(samples or ""), options.share)
            else:
                make_rxnorm(folder, options.share)
            size = sum(path.stat().st_size for path in folder.iterdir())
            _say(f"made {size / 1e6:.0f} MB in {time.perf_counter() - began:.0f} s")
        into = Path(temporary) / "dictionaries"
        # The small steps come first: the peak is that of the largest process so far.
        path = measured("load", _LOAD, options.which, str(folder), str(into)).strip()
        _say(f"dictionary file: {Path(path).stat().st_size / 1e6:.0f} MB")
        sys.stdout.write(measured("open and search", _FIRST_SEARCH, path))
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
