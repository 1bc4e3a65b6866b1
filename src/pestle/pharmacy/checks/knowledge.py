"""What do the checks know together, and where does each piece of it come from?

`read` takes folders of definitions (see `definition` for what each file must say) and gives one frozen
value. Every check has a part in `known` that reads its own kinds; a new one adds a line to each of the two
tables here. The words for substances are read first: they fold the names in all the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.calculators import table as calculators
from pestle.pharmacy.calculators.doac_dose import DoacRules, doac_rules
from pestle.pharmacy.calculators.person import Country
from pestle.pharmacy.checks.known import (
    allergy,
    controlled,
    dose,
    duplicate,
    form,
    interaction,
    lookalike,
    measured,
    monitoring,
    renal,
    rule,
    supply,
)
from pestle.pharmacy.checks.known.allergy import AllergyKnowledge
from pestle.pharmacy.checks.known.controlled import ControlledRule
from pestle.pharmacy.checks.known.dose import DoseKnowledge
from pestle.pharmacy.checks.known.duplicate import DuplicateKnowledge
from pestle.pharmacy.checks.known.form import FormKnowledge
from pestle.pharmacy.checks.known.interaction import Interactions
from pestle.pharmacy.checks.known.lookalike import LookAlikePairs
from pestle.pharmacy.checks.known.measured import ResultAges
from pestle.pharmacy.checks.known.monitoring import MonitoringKnowledge
from pestle.pharmacy.checks.known.renal import RenalRules
from pestle.pharmacy.checks.known.rule import Rule
from pestle.pharmacy.checks.known.supply import SupplyRule
from pestle.pharmacy.criteria import read as criteria
from pestle.pharmacy.criteria.by_medicine import ByMedicine
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.definition import Definitions
from pestle.pharmacy.medicines import local_routes, medicine_class, substances
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.local_routes import LocalRoutes
from pestle.pharmacy.medicines.substances import Substances

KINDS = {
    **substances.KINDS, **medicine_class.KINDS, **local_routes.KINDS, **allergy.KINDS, **duplicate.KINDS,
    **controlled.KINDS, **interaction.KINDS, **supply.KINDS, **criteria.KINDS,
    **form.KINDS, **lookalike.KINDS, **rule.KINDS, **monitoring.KINDS, **measured.KINDS,
    **dose.KINDS, **renal.KINDS, **calculators.KINDS,
}  # fmt: skip
# The folders of definitions that the checks need, as `pestle.definitions` calls them.
FOLDERS = ("calculators", "checks", "codelists", "criteria", "lookalike", "monitoring", "observables")
_NAMING = (
    medicine_class, criteria, rule, monitoring, allergy, duplicate, interaction, form, dose, renal,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything the checks know: the words for substances, and a part for each check.

    `country` is the one whose rules hold where they differ.
    """

    substances: Substances
    terms: Terms
    local_routes: LocalRoutes
    allergy: AllergyKnowledge
    duplicate: DuplicateKnowledge
    controlled: Mapping[str, ControlledRule]
    interactions: Interactions
    supply: SupplyRule
    form: FormKnowledge
    look_alikes: LookAlikePairs
    rules: ByMedicine[Rule]
    monitoring: MonitoringKnowledge
    result_ages: ResultAges
    dose: DoseKnowledge
    renal: RenalRules
    doac: DoacRules
    country: Country = "uk"

    def with_substances(self, names: Iterable[str]) -> Knowledge:
        """The same, knowing also these substances: the ingredients of the dictionary in use.

        A recorded allergy to one of them can then be assessed even if no class names it.
        """
        return replace(self, substances=self.substances.knowing(names))


def read(*folders: Path, dictionary: Dictionary | None = None) -> Knowledge:
    """The knowledge in these folders; lists of ids follow the history of the dictionary, where one is named.

    Raises `Refused` with everything that is wrong: what `definition` names, and ``definition.missing``
    for a file without which a check cannot work.
    """
    return known(d.load_folders(*folders, kinds=KINDS), dictionary)


def known(files: Definitions, dictionary: Dictionary | None = None) -> Knowledge:
    """The knowledge in these definitions, as `read` says."""
    words = substances.read(files)
    classes = medicine_class.read(files, words)
    local = local_routes.read(files)
    terms = criteria.terms(files, classes, local, dictionary)
    return Knowledge(
        substances=words.knowing(name for part in _NAMING for name in part.names(files)),
        terms=terms,
        local_routes=local,
        allergy=allergy.read(files, words),
        duplicate=duplicate.read(files, classes),
        controlled=controlled.read(files),
        interactions=interaction.read(files, classes),
        supply=supply.read(files),
        form=form.read(files, classes),
        look_alikes=lookalike.read(files, words),
        rules=rule.read(files, terms),
        monitoring=monitoring.read(files, terms),
        result_ages=measured.read(files),
        dose=dose.read(files, terms),
        renal=renal.read(files, classes),
        doac=doac_rules(files.only("doac_dose")),
    )
