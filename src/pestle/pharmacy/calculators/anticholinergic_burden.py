"""How much anticholinergic burden do these medicines add up to, on one named scale?

The sum of the scores of the scale that the site uses. The scales disagree about the same medicine, so the
scale is named in the answer, and scores of two are never added. The scores are entered: no table whose
licence lets it be passed on has been read. A medicine that the scale does not list is not zero: the sum is
then “at least”.

Source: Bishara D, Harwood D, Sauer J, Taylor DM. Anticholinergic effect on cognition (AEC) of drugs commonly
used in older people. Int J Geriatr Psychiatry 2017;32:650-656. Boustani M, Campbell N, Munger S, Maidment I,
Fox C. Impact of anticholinergics on the aging brain. Aging Health 2008;4:311-320. Kiesel EK, Hopf YM, Drey
M. An anticholinergic burden score for German prescribers. BMC Geriatr 2018;18:239. Rudolph JL, Salow MJ,
Angelini MC, McGlinchey RE. The anticholinergic risk scale. Arch Intern Med 2008;168:508-513.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Choice, Name, Rows
from pestle.pharmacy.calculators.result import Result, figure

ScaleName = Literal["aec", "acb", "kiesel", "ars"]
Score = Literal["0", "1", "2", "3", "not-listed"]

_SCALES = {
    "aec": "AEC (Bishara 2017)",
    "acb": "ACB (Boustani 2008)",
    "kiesel": "German score (Kiesel 2018)",
    "ars": "ARS (Rudolph 2008)",
}
_SCORES = {**{score: score for score in "0123"}, "not-listed": "Not on the scale"}


@formula(
    name="anticholinergic-burden",
    title="Anticholinergic burden",
    says="The sum of the scores of one named scale; the scores are looked up and entered.",
    group="Scores",
    source="Bishara D et al. Int J Geriatr Psychiatry 2017;32:650-656; Boustani M et al. Aging Health "
    "2008;4:311-320; Kiesel EK et al. BMC Geriatr 2018;18:239; "
    "Rudolph JL et al. Arch Intern Med 2008;168:508-513",
    inputs=(
        Choice("scale", "Scale", _SCALES, hint="All scores from this one"),
        Rows(
            "medicine",
            "Medicines",
            (Name("medicine", "Medicine"), Choice("score", "Score", _SCORES)),
            most=40,
        ),
    ),
    words=("ACB", "AEC", "ARS", "falls", "cognition", "older people"),
)
def anticholinergic_burden(*, scale: ScaleName, medicine: tuple[tuple[str, Score], ...]) -> Result:
    """The sum in points, at least, where a medicine is not listed. No band: the scales differ in theirs."""
    unlisted = [name for name, score in medicine if score == "not-listed"]
    listed = [(name, int(score)) for name, score in medicine if score != "not-listed"]
    total = figure(Decimal(sum(score for _, score in listed)), "points", places=0)
    words = " + ".join(f"{name} {score}" for name, score in listed) or "no medicine is listed"
    not_there = f"Not on the scale, so not counted and not nil: {', '.join(unlisted)}."
    return Result(
        f"{'at least ' if unlisted else ''}{total} on {_SCALES[scale]}",
        words,
        total,
        warnings=(not_there,) if unlisted else (),
    )
