"""A small release of RxNorm in the published layout, for tests.

Ids, names and codes without a note are facts of RxNorm as NLM publishes them (bulletins, appendices, notes of
the releases) or as public tables repeat them. Ids from 99900000 on are invented, because no public source
gave them, and so are all atom ids and all quantities of packages.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from pestle.pharmacy.medicines.rrf import COLUMNS

ORAL_TABLET, ORAL_CAPSULE, SYRINGE, PACK = "317541", "316965", "721656", "99900001"
AMLODIPINE, BESYLATE, ATORVASTATIN, CALCIUM = "17767", "104416", "83367", "99900002"
AMLODIPINE_10, ATORVASTATIN_10, ATORVASTATIN_20 = "329526", "99900003", "99900004"
AMLODIPINE_10_TABLET, ATORVASTATIN_20_TABLET, BOTH_10_TABLET = "308135", "617310", "597987"
BOTH, LIPITOR_20, LIPITOR, MADE_PACK, MADE_BRAND_PACK = (
    "99900005",
    "99900006",
    "153165",
    "99900007",
    "99900008",
)
ADALIMUMAB, HYRIMOZ_50, HYRIMOZ_OLD, MADE_ANIMAL = "99900009", "99900010", "2665426", "99900011"

# id | source | term type | name | suppressed
NAMES = f"""
{AMLODIPINE}|RXNORM|IN|amlodipine|N
{BESYLATE}|RXNORM|PIN|amlodipine besylate|N
{ATORVASTATIN}|RXNORM|IN|atorvastatin|N
{CALCIUM}|RXNORM|PIN|atorvastatin calcium|N
{BOTH}|RXNORM|MIN|amlodipine / atorvastatin|N
{AMLODIPINE_10}|RXNORM|SCDC|amlodipine 10 MG|N
{ATORVASTATIN_10}|RXNORM|SCDC|atorvastatin 10 MG|N
{ATORVASTATIN_20}|RXNORM|SCDC|atorvastatin 20 MG|N
{AMLODIPINE_10_TABLET}|RXNORM|SCD|amlodipine 10 MG Oral Tablet|N
{AMLODIPINE_10_TABLET}|RXNORM|PSN|amLODIPine 10 MG Oral Tablet|N
{AMLODIPINE_10_TABLET}|MTHSPL|DP|AMLODIPINE BESYLATE 10 mg ORAL TABLET|N
{ATORVASTATIN_20_TABLET}|RXNORM|SCD|atorvastatin 20 MG Oral Tablet|N
{BOTH_10_TABLET}|RXNORM|SCD|amlodipine 10 MG / atorvastatin 10 MG Oral Tablet|N
{LIPITOR}|RXNORM|BN|Lipitor|N
{LIPITOR_20}|RXNORM|SBD|atorvastatin 20 MG Oral Tablet [Lipitor]|N
{LIPITOR_20}|RXNORM|PSN|Lipitor 20 MG Oral Tablet|N
{MADE_PACK}|RXNORM|GPCK|{{7 (amlodipine 10 MG Oral Tablet) / 21 (atorvastatin 20 MG Oral Tablet) }} Pack|N
{MADE_BRAND_PACK}|RXNORM|BPCK|{{7 (amlodipine 10 MG Oral Tablet) }} Pack [Made]|N
{ADALIMUMAB}|RXNORM|IN|adalimumab|N
{HYRIMOZ_50}|RXNORM|SCDC|adalimumab 50 MG/ML|O
{HYRIMOZ_OLD}|RXNORM|SY|Hyrimoz 40 MG per 0.8 ML Prefilled Syringe|O
{HYRIMOZ_OLD}|RXNORM|SCD|0.8 ML adalimumab-adaz 50 MG/ML Prefilled Syringe [Hyrimoz]|O
{MADE_ANIMAL}|RXNORM|SCD|amlodipine 10 MG Chewable Tablet|N
{ORAL_TABLET}|RXNORM|DF|Oral Tablet|N
{ORAL_CAPSULE}|RXNORM|DF|Oral Capsule|N
{SYRINGE}|RXNORM|DF|Prefilled Syringe|N
{PACK}|RXNORM|DF|Pack|N
99900090|RXNORM|SCDF|amlodipine Oral Tablet|N
3|SNOMEDCT_US|PT|1,4-alpha-Glucan branching enzyme|N
"""

# The second has the relation to the first: to | of | relation | suppressed
RELATIONS = f"""
{AMLODIPINE}|{AMLODIPINE_10}|has_ingredient|
{ATORVASTATIN}|{ATORVASTATIN_10}|has_ingredient|N
{ATORVASTATIN}|{ATORVASTATIN_20}|has_ingredient|N
{CALCIUM}|{ATORVASTATIN_20}|has_precise_ingredient|N
{AMLODIPINE_10}|{AMLODIPINE_10_TABLET}|consists_of|
{AMLODIPINE_10_TABLET}|{AMLODIPINE_10}|constitutes|
{ATORVASTATIN_20}|{ATORVASTATIN_20_TABLET}|consists_of|N
{ATORVASTATIN_10}|{BOTH_10_TABLET}|consists_of|N
{AMLODIPINE_10}|{BOTH_10_TABLET}|consists_of|N
{AMLODIPINE_10}|{MADE_ANIMAL}|consists_of|N
{BOTH}|{BOTH_10_TABLET}|has_ingredients|N
{AMLODIPINE}|{BOTH}|has_part|N
{ATORVASTATIN}|{BOTH}|has_part|N
{ORAL_TABLET}|{AMLODIPINE_10_TABLET}|has_dose_form|N
{ORAL_TABLET}|{ATORVASTATIN_20_TABLET}|has_dose_form|N
{ORAL_TABLET}|{BOTH_10_TABLET}|has_dose_form|N
{ORAL_TABLET}|{LIPITOR_20}|has_dose_form|N
{PACK}|{MADE_PACK}|has_dose_form|N
{ATORVASTATIN_20_TABLET}|{LIPITOR_20}|tradename_of|N
{ATORVASTATIN_20}|{LIPITOR_20}|consists_of|N
{LIPITOR}|{LIPITOR_20}|has_ingredient|N
{MADE_PACK}|{MADE_BRAND_PACK}|tradename_of|N
{AMLODIPINE_10_TABLET}|{MADE_PACK}|contains|N
{ATORVASTATIN_20_TABLET}|{MADE_PACK}|contains|N
99900090|{AMLODIPINE_10_TABLET}|isa|N
{HYRIMOZ_50}|{HYRIMOZ_OLD}|consists_of|O
99999999|{HYRIMOZ_OLD}|has_dose_form|O
{ADALIMUMAB}|{HYRIMOZ_50}|has_ingredient|O
"""

# id | name | source | value | suppressed
ATTRIBUTES = f"""
{AMLODIPINE_10}|RXN_STRENGTH|RXNORM|10 MG|N
{AMLODIPINE_10}|RXN_BOSS_STRENGTH_NUM_VALUE|RXNORM|10|N
{AMLODIPINE_10}|RXN_BOSS_STRENGTH_NUM_UNIT|RXNORM|MG|N
{AMLODIPINE_10}|RXN_BOSS_STRENGTH_DENOM_VALUE|RXNORM|1|N
{AMLODIPINE_10}|RXN_BOSS_STRENGTH_DENOM_UNIT|RXNORM|1|N
{ATORVASTATIN_10}|RXN_STRENGTH|RXNORM|10 MG|N
{ATORVASTATIN_20}|RXN_STRENGTH|RXNORM|20 MG|N
{HYRIMOZ_50}|RXN_STRENGTH|RXNORM|50 MG/ML|O
{HYRIMOZ_OLD}|RXN_QUANTITY|RXNORM|0.8 ML|O
{AMLODIPINE_10_TABLET}|RXN_BOSS_FROM|RXNORM|{{{AMLODIPINE_10}}} AM|N
{AMLODIPINE_10_TABLET}|RXN_AM|RXNORM|{{{AMLODIPINE_10}}} {AMLODIPINE}|N
{AMLODIPINE_10_TABLET}|RXN_AI|RXNORM|{{{AMLODIPINE_10}}} {BESYLATE}|N
{ATORVASTATIN_20_TABLET}|RXN_BOSS_FROM|RXNORM|{{{ATORVASTATIN_20}}} AM|N
{ATORVASTATIN_20_TABLET}|RXN_AM|RXNORM|{{{ATORVASTATIN_20}}} {ATORVASTATIN}|N
{ATORVASTATIN_20_TABLET}|RXN_AI|RXNORM|{{{ATORVASTATIN_20}}} {CALCIUM}|N
{AMLODIPINE_10_TABLET}|RXN_HUMAN_DRUG|RXNORM|US|N
{MADE_ANIMAL}|RXN_VET_DRUG|RXNORM|US|N
{AMLODIPINE_10_TABLET}|DCSA|VANDF|0|N
{ATORVASTATIN_20_TABLET}|DCSA|MTHSPL|CIV|N
{ATORVASTATIN_20_TABLET}|DCSA|VANDF|4|N
{BOTH_10_TABLET}|DCSA|MTHSPL|CII|N
{BOTH_10_TABLET}|DCSA|VANDF|3n|N
{LIPITOR_20}|NDC|RXNORM|00071015623|N
{LIPITOR_20}|NDC|MTHSPL|0071-0156-23|N
{ATORVASTATIN_20_TABLET}|NDC|RXNORM|12634069891|N
{AMLODIPINE_10_TABLET}|NDC|RXNORM|00093111310|N
{BOTH_10_TABLET}|NDC|RXNORM|00093111310|N
{BOTH_10_TABLET}|NDC|RXNORM|short|N
{HYRIMOZ_OLD}|NDC|RXNORM|00056017175|O
"""

# old id | first release | last release | number of successors | new id
HISTORY = f"""
91714|RXNORM_10AA_100802F|RXNORM_10AA_100802F|1|1000992
102209|RXNORM_11AB_120206F|RXNORM_11AB_120206F|1|102209
105048|RXNORM_04AC_050210F|RXNORM_09AA_090504F|2|849394
105048|RXNORM_04AC_050210F|RXNORM_09AA_090504F|2|849389
99900101|RXNORM_09AA_090504F|RXNORM_10AA_100802F|1|99900102
99900102|RXNORM_10AA_100802F|RXNORM_11AB_120206F|1|{AMLODIPINE_10_TABLET}
"""

# id | source | term type | id that it was merged into
ARCHIVE = """
360047|RXNORM|SCD|2178097
91714|RXNORM|SCD|99900103
99900104|RXNORM|SY|99900105
"""

PRODUCT = (
    "PRODUCTID\tPRODUCTNDC\tPROPRIETARYNAME\tPROPRIETARYNAMESUFFIX\tNONPROPRIETARYNAME\tDOSAGEFORMNAME\t"
    "ROUTENAME\tENDMARKETINGDATE\tLABELERNAME\tSUBSTANCENAME\tACTIVE_NUMERATOR_STRENGTH\tACTIVE_INGRED_UNIT\t"
    "DEASCHEDULE\n"
    "0071-0156_made\t0071-0156\tLipitor\t\tatorvastatin calcium\tTABLET, FILM COATED\tORAL\t\tMade Labeler\t"
    "ATORVASTATIN CALCIUM\t20\tmg/1\t\n"
    "0002-0800_made\t0002-0800\tDiluent\t\tdiluent\tINJECTION\t\t\tMade Labeler\tWATER\t1\tmL/mL\t\n"
)
PACKAGE = (
    "PRODUCTID\tPRODUCTNDC\tNDCPACKAGECODE\tPACKAGEDESCRIPTION\tENDMARKETINGDATE\n"
    "0071-0156_made\t0071-0156\t0071-0156-23\t90 TABLET, FILM COATED in 1 BOTTLE (0071-0156-23)\t\n"
    "0002-0800_made\t0002-0800\t0002-0800-01\t1 VIAL in 1 CARTON (0002-0800-01)  > 10 mL in 1 VIAL\t\n"
)


def written(table: str, **fields: str) -> str:
    """One row of that table, the fields that are not named empty."""
    row = "".join(f"{fields.pop(column, '')}|" for column in COLUMNS[table])
    assert not fields, f"{table} has no {fields}"
    return f"{row}\n"


def tables(*, day: str = "171106") -> dict[str, str]:
    """Every table of the full release, by name; its version is of that day."""
    conso = [line.split("|") for line in NAMES.strip().splitlines()]
    rel = [line.split("|") for line in RELATIONS.strip().splitlines()]
    sat = [line.split("|") for line in ATTRIBUTES.strip().splitlines()]
    archive = [line.split("|") for line in ARCHIVE.strip().splitlines()]
    return {
        "RXNCONSO": "".join(
            written("RXNCONSO", RXCUI=id_, LAT="ENG", RXAUI=str(at), SAB=source, TTY=kind, CODE=id_, STR=text,
                    SUPPRESS=suppress, CVF="4096")
            for at, (id_, source, kind, text, suppress) in enumerate(conso, start=1)
        ),
        "RXNREL": "".join(
            written("RXNREL", RXCUI1=to, STYPE1="CUI", REL="RO", RXCUI2=of, STYPE2="CUI", RELA=relation,
                    RUI=str(at), SAB="RXNORM", SUPPRESS=suppress, CVF="4096")
            for at, (to, of, relation, suppress) in enumerate(rel, start=1)
        ),
        "RXNSAT": "".join(
            written("RXNSAT", RXCUI=id_, RXAUI=str(at), STYPE="AUI", ATN=name, SAB=source, ATV=value,
                    SUPPRESS=suppress, CVF="4096")
            for at, (id_, name, source, value, suppress) in enumerate(sat, start=1)
        ),
        "RXNSAB": written("RXNSAB", VSAB=f"RXNORM_17AB_{day}F", RSAB="RXNORM", SVER=f"17AB_{day}F"),
        "RXNCUI": "".join(f"{line}|\n" for line in HISTORY.strip().splitlines()),
        "RXNATOMARCHIVE": "".join(
            written("RXNATOMARCHIVE", RXAUI=str(at), STR="made", LAT="ENG", RXCUI=id_, SAB=source, TTY=kind,
                    MERGED_TO_RXCUI=to)
            for at, (id_, source, kind, to) in enumerate(archive, start=1)
        ),
    }  # fmt: skip


def zipped(folder: Path, **changed: str | None) -> Path:
    """The full release as NLM packs it, with its second copy; None for a table that is missing."""
    path = folder / "RxNorm_full_11062017.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Readme_Full_11062017.txt", "README: RxNorm 11/06/2017 Full Update Release\n")
        archive.writestr("prescribe/Readme_Full_Prescribe_11062017.txt", "made\n")
        for name, text in {**tables(), **changed}.items():
            if text is not None:
                archive.writestr(f"rrf/{name}.RRF", text)
                if name in ("RXNCONSO", "RXNREL", "RXNSAT"):
                    archive.writestr(f"prescribe/rrf/{name}.RRF", text)
    return path


def prescribable(folder: Path) -> Path:
    """The Current Prescribable Content, unpacked."""
    (folder / "rrf").mkdir(parents=True)
    (folder / "Readme_Full_Prescribe_11062017.txt").write_text("made\n")
    for name in ("RXNCONSO", "RXNREL", "RXNSAT"):
        (folder / f"rrf/{name}.RRF").write_text(tables()[name])
    return folder


def directory(folder: Path) -> Path:
    """The National Drug Code directory's two tables."""
    folder.mkdir()
    (folder / "product.txt").write_text(PRODUCT)
    (folder / "package.txt").write_text(PACKAGE)
    return folder
