"""Each rule alerts on one record, and is silent on its twin, which differs in one fact."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.spec.criteria.bench import (
    KNOWLEDGE,
    TODAY,
    medicine,
    record,
    told,
)

from pestle.pharmacy.checks import rule as check
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Finding, Severity
from pestle.pharmacy.checks.known.rule import Question
from pestle.pharmacy.criteria.lists import described, has_medicine
from pestle.pharmacy.record.patient import Gender
from pestle.pharmacy.record.record import Record

# rule, what is to be supplied, a record on which it alerts, its silent twin
RULES = [
    ("aspirin_under_16", "Aspirin 300mg", "born 2010-11-23", "born 2010-11-22"),
    ("codeine_under_12", "Codeine 15mg", "born 2014-11-23", "born 2014-11-22"),
    ("codeine_12_to_17", "Codeine 15mg", "born 2010-01-01", "born 2000-01-01"),
    ("tramadol_under_12", "Tramadol 50mg", "born 2014-11-23", "born 2014-11-22"),
    ("tetracyclines_under_12", "Doxycycline 100mg", "born 2014-11-23", "born 2014-11-22"),
    ("domperidone_under_12", "Domperidone 10mg", "born 2014-11-23", "born 2014-11-22"),
    ("cough_cold_under_6", "Chlorphenamine 2mg/5ml oral solution", "born 2020-11-23", "born 2020-11-22"),
    ("promethazine_under_2", "Promethazine 5mg/5ml oral solution", "born 2024-11-23", "born 2024-11-22"),
    ("metoclopramide_under_18", "Metoclopramide 10mg", "born 2008-11-23", "born 2008-11-22"),
    ("fluoroquinolones_under_18", "Ciprofloxacin 250mg", "born 2008-11-23", "born 2008-11-22"),
    ("loperamide_under_4", "Loperamide 2mg", "born 2022-11-23", "born 2022-11-22"),
    (
        "nitrofurantoin_under_3_months",
        "Nitrofurantoin 25mg/5ml oral suspension",
        "born 2026-08-23",
        "born 2026-08-22",
    ),
    (
        "ibuprofen_under_3_months",
        "Ibuprofen 100mg/5ml oral suspension",
        "born 2026-08-23",
        "born 2026-08-22",
    ),
    (
        "choline_salicylate_under_16",
        "Choline salicylate 8.7% oromucosal gel",
        "born 2010-11-23",
        "born 2010-11-22",
    ),
    ("antidepressants_under_18", "Paroxetine 20mg", "born 2008-11-23", "born 2008-11-22"),
    ("prasugrel_75", "Prasugrel 10mg", "born 1951-11-22", "born 1951-11-23"),
    ("long_acting_sulfonylurea_65", "Glimepiride 2mg", "born 1961-11-22", "born 1961-11-23"),
    ("sedating_antihistamine_65", "Chlorphenamine 4mg", "born 1961-11-22", "born 1961-11-23"),
    (
        "hypnotic_long_65",
        "Zopiclone 3.75mg",
        "took Zopiclone 3.75mg on 2026-10-01",
        "took Zopiclone 3.75mg on 2026-11-01",
    ),
    (
        "valproate_pregnant",
        "Sodium valproate 200mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "valproate_prevention",
        "Sodium valproate 200mg",
        "born 1990-01-01",
        "born 1990-01-01; Annual risk acknowledgement form = signed on 2026-05-01",
    ),
    (
        "topiramate_pregnant",
        "Topiramate 25mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "topiramate_prevention",
        "Topiramate 25mg",
        "born 1990-01-01",
        "born 1990-01-01; Annual risk acknowledgement form = signed on 2026-05-01",
    ),
    (
        "retinoids_oral_pregnant",
        "Isotretinoin 20mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "retinoids_topical_pregnant",
        "Adapalene 0.1% gel",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "methotrexate_pregnant",
        "Methotrexate 2.5mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "mycophenolate_pregnant",
        "Mycophenolate 250mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "leflunomide_pregnant",
        "Leflunomide 10mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "renin_angiotensin_pregnant",
        "Ramipril 5mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "vitamin_k_antagonists_pregnant",
        "Warfarin 3mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "doacs_pregnant",
        "Apixaban 5mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "statins_pregnant",
        "Simvastatin 20mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "lithium_pregnant",
        "Lithium carbonate 400mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "antiepileptics_pregnant",
        "Carbamazepine 200mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "nsaids_pregnant",
        "Ibuprofen 400mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "tetracyclines_pregnant",
        "Doxycycline 100mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "quinolones_pregnant",
        "Ciprofloxacin 500mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "trimethoprim_pregnant",
        "Trimethoprim 200mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "nitrofurantoin_pregnant",
        "Nitrofurantoin 100mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "misoprostol_pregnant",
        "Misoprostol 200microgram",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "five_alpha_reductase_pregnant",
        "Finasteride 5mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "thalidomides_pregnant",
        "Lenalidomide 10mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "endothelin_antagonists_pregnant",
        "Bosentan 62.5mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "carbimazole_pregnant",
        "Carbimazole 5mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "fluconazole_pregnant",
        "Fluconazole 150mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "spironolactone_pregnant",
        "Spironolactone 25mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "androgens_pregnant",
        "Danazol 100mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "ribavirin_pregnant",
        "Ribavirin 200mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "griseofulvin_pregnant",
        "Griseofulvin 500mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "fingolimod_pregnant",
        "Fingolimod 500microgram",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "hydroxycarbamide_pregnant",
        "Hydroxycarbamide 500mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "ergots_pregnant",
        "Ergotamine 1mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "aminoglycosides_pregnant",
        "Gentamicin 80mg/2ml",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "benzodiazepines_pregnant",
        "Diazepam 5mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "ssris_late_pregnancy",
        "Sertraline 50mg",
        "born 1990-01-01; has Pregnant since 2026-08-01",
        "born 1990-01-01; Pregnancy status = not pregnant on 2026-11-01",
    ),
    (
        "codeine_breast_feeding",
        "Codeine 30mg",
        "born 1990-01-01; has Breast-feeding since 2026-08-01",
        "born 1990-01-01; had Pregnant since 2026-01-01; Breast-feeding status = no on 2026-11-01",
    ),
    (
        "methotrexate_breast_feeding",
        "Methotrexate 2.5mg",
        "born 1990-01-01; has Breast-feeding since 2026-08-01",
        "born 1990-01-01; had Pregnant since 2026-01-01; Breast-feeding status = no on 2026-11-01",
    ),
    (
        "amiodarone_breast_feeding",
        "Amiodarone 200mg",
        "born 1990-01-01; has Breast-feeding since 2026-08-01",
        "born 1990-01-01; had Pregnant since 2026-01-01; Breast-feeding status = no on 2026-11-01",
    ),
    (
        "lithium_breast_feeding",
        "Lithium carbonate 400mg",
        "born 1990-01-01; has Breast-feeding since 2026-08-01",
        "born 1990-01-01; had Pregnant since 2026-01-01; Breast-feeding status = no on 2026-11-01",
    ),
    (
        "aspirin_breast_feeding",
        "Aspirin 300mg",
        "born 1990-01-01; has Breast-feeding since 2026-08-01",
        "born 1990-01-01; had Pregnant since 2026-01-01; Breast-feeding status = no on 2026-11-01",
    ),
    (
        "retinoids_breast_feeding",
        "Isotretinoin 20mg",
        "born 1990-01-01; has Breast-feeding since 2026-08-01",
        "born 1990-01-01; had Pregnant since 2026-01-01; Breast-feeding status = no on 2026-11-01",
    ),
    (
        "tetracyclines_breast_feeding",
        "Doxycycline 100mg",
        "born 1990-01-01; has Breast-feeding since 2026-08-01",
        "born 1990-01-01; had Pregnant since 2026-01-01; Breast-feeding status = no on 2026-11-01",
    ),
    (
        "combined_contraceptives_breast_feeding",
        "Ethinylestradiol 30microgram",
        "born 1990-01-01; has Breast-feeding since 2026-08-01",
        "born 1990-01-01; had Pregnant since 2026-01-01; Breast-feeding status = no on 2026-11-01",
    ),
    (
        "asthma_non_selective_beta_blocker",
        "Propranolol 40mg",
        "has Asthma since 2015",
        "has Asthma since 2015; has Asthma resolved since 2020",
    ),
    ("asthma_selective_beta_blocker", "Bisoprolol 2.5mg", "has Asthma since 2015", "has Eczema since 2015"),
    ("asthma_nsaid", "Naproxen 250mg", "has Asthma since 2015", "has Eczema since 2015"),
    ("heart_failure_nsaid", "Naproxen 250mg", "has Heart failure since 2015", "has Eczema since 2015"),
    (
        "heart_failure_rate_limiting",
        "Verapamil 80mg",
        "has Heart failure since 2015",
        "has Eczema since 2015",
    ),
    (
        "heart_failure_pioglitazone",
        "Pioglitazone 15mg",
        "has Heart failure since 2015",
        "has Eczema since 2015",
    ),
    (
        "heart_failure_itraconazole",
        "Itraconazole 100mg",
        "has Heart failure since 2015",
        "has Eczema since 2015",
    ),
    (
        "heart_failure_dronedarone",
        "Flecainide 50mg",
        "has Heart failure since 2015",
        "has Eczema since 2015",
    ),
    (
        "peptic_ulcer_nsaid_protected",
        "Naproxen 250mg",
        "has Peptic ulcer since 2015",
        "has Eczema since 2015",
    ),
    ("nsaid_egfr_45", "Naproxen 250mg", "eGFR = 44 mL/min on 2026-06-01", "eGFR = 45 mL/min on 2026-06-01"),
    (
        "nsaid_egfr_50_65",
        "Naproxen 250mg",
        "eGFR = 49 mL/min on 2026-06-01",
        "eGFR = 50 mL/min on 2026-06-01",
    ),
    (
        "hypertension_nsaid",
        "Naproxen 250mg",
        "has Hypertension since 2015; Systolic blood pressure = 180 mmHg on 2026-06-01",
        "has Hypertension since 2015; Systolic blood pressure = 179 mmHg on 2026-06-01; "
        "Diastolic blood pressure = 119 mmHg on 2026-06-01",
    ),
    (
        "hypertension_loop_alone",
        "Furosemide 40mg",
        "has Hypertension since 2015",
        "has Hypertension since 2015; has Heart failure since 2018",
    ),
    (
        "hypertension_loop_alone",
        "Furosemide 40mg",
        "has Hypertension since 2015",
        "has Hypertension since 2015; took Amlodipine 5mg on 2026-11-10",
    ),
    (
        "heart_failure_pde5_pressure",
        "Sildenafil 50mg",
        "has Heart failure since 2015; Systolic blood pressure = 89 mmHg on 2026-06-01",
        "has Heart failure since 2015; Systolic blood pressure = 90 mmHg on 2026-06-01",
    ),
    (
        "coronary_anticoagulant_antiplatelet",
        "Clopidogrel 75mg",
        "has Myocardial infarction since 2024; took Apixaban 5mg on 2026-11-10",
        "has Myocardial infarction since 2026-06-01; took Apixaban 5mg on 2026-11-10",
    ),
    (
        "coronary_anticoagulant_antiplatelet",
        "Apixaban 5mg",
        "has Angina since 2015; took Clopidogrel 75mg on 2026-11-10",
        "has Angina since 2015; took Ramipril 5mg on 2026-11-10",
    ),
    (
        "renin_angiotensin_potassium",
        "Ramipril 5mg",
        "Potassium = 5.6 mmol/L on 2026-11-01",
        "Potassium = 5.5 mmol/L on 2026-11-01",
    ),
    (
        "thiazide_electrolytes",
        "Bendroflumethiazide 2.5mg",
        "Sodium = 129 mmol/L on 2026-11-01",
        "Sodium = 130 mmol/L on 2026-11-01; Potassium = 4 mmol/L on 2026-11-01; "
        "Adjusted calcium = 2.4 mmol/L on 2026-11-01",
    ),
    ("gout_thiazide", "Indapamide 2.5mg", "has Gout since 2015", "has Eczema since 2015"),
    (
        "glaucoma_antimuscarinic",
        "Oxybutynin 5mg",
        "has Angle-closure glaucoma since 2015",
        "has Eczema since 2015",
    ),
    (
        "urinary_retention_antimuscarinic",
        "Amitriptyline 25mg",
        "has Urinary retention since 2015",
        "has Eczema since 2015",
    ),
    ("dementia_antimuscarinic", "Oxybutynin 5mg", "has Dementia since 2015", "has Eczema since 2015"),
    (
        "dementia_antipsychotic",
        "Risperidone 500microgram",
        "has Dementia since 2015",
        "has Eczema since 2015",
    ),
    (
        "parkinsonism_dopamine_blocker",
        "Metoclopramide 10mg",
        "has Parkinson’s disease since 2015",
        "has Eczema since 2015",
    ),
    (
        "migraine_aura_combined_contraceptive",
        "Ethinylestradiol 30microgram",
        "has Migraine with aura since 2015",
        "has Eczema since 2015",
    ),
    (
        "vte_oestrogen",
        "Ethinylestradiol 30microgram",
        "has Deep vein thrombosis since 2015",
        "has Eczema since 2015",
    ),
    (
        "arterial_disease_combined_contraceptive",
        "Ethinylestradiol 30microgram",
        "has Myocardial infarction since 2015",
        "has Eczema since 2015",
    ),
    (
        "smoker_35_combined_contraceptive",
        "Ethinylestradiol 30microgram",
        "born 1985-01-01; Smoking status = Current smoker on 2026-01-01",
        "born 1985-01-01; Smoking status = Ex-smoker on 2026-01-01",
    ),
    (
        "blood_pressure_combined_contraceptive",
        "Ethinylestradiol 30microgram",
        "Systolic blood pressure = 140 mmHg on 2026-06-01",
        "Systolic blood pressure = 139 mmHg on 2026-06-01; Diastolic blood pressure = 80 mmHg on 2026-06-01",
    ),
    (
        "bmi_combined_contraceptive",
        "Ethinylestradiol 30microgram",
        "BMI = 35 kg/m2 on 2026-06-01",
        "BMI = 34.9 kg/m2 on 2026-06-01",
    ),
    (
        "breast_cancer_oestrogen",
        "Ethinylestradiol 30microgram",
        "has Breast cancer since 2015",
        "has Eczema since 2015",
    ),
    ("epilepsy_bupropion", "Bupropion 150mg", "has Epilepsy since 2015", "has Eczema since 2015"),
    ("epilepsy_tramadol", "Tramadol 50mg", "has Epilepsy since 2015", "has Eczema since 2015"),
    ("epilepsy_quinolone", "Ciprofloxacin 500mg", "has Epilepsy since 2015", "has Eczema since 2015"),
    ("mefloquine_mind", "Mefloquine 250mg", "has Depression since 2015", "has Eczema since 2015"),
    (
        "heart_block_rate_limiting",
        "Bisoprolol 2.5mg",
        "has Complete heart block since 2015",
        "has Eczema since 2015",
    ),
    (
        "heart_block_tricyclic",
        "Amitriptyline 25mg",
        "has Complete heart block since 2015",
        "has Eczema since 2015",
    ),
    ("long_qt", "Citalopram 20mg", "has Long QT syndrome since 2015", "QTc = 430 ms on 2026-11-01"),
    (
        "myasthenia_antibiotic",
        "Ciprofloxacin 500mg",
        "has Myasthenia gravis since 2015",
        "has Eczema since 2015",
    ),
    ("falls_sedative", "Zopiclone 7.5mg", "has Falls since 2026-06-01", "has Falls since 2015"),
    ("falls_vasodilator", "Doxazosin 4mg", "has Falls since 2026-06-01", "has Falls since 2015"),
    (
        "oesophagus_bisphosphonate",
        "Alendronic acid 70mg",
        "has Oesophagitis since 2015",
        "has Eczema since 2015",
    ),
    (
        "bladder_cancer_pioglitazone",
        "Pioglitazone 15mg",
        "has Bladder cancer since 2015",
        "has Eczema since 2015",
    ),
    (
        "aneurysm_quinolone",
        "Ciprofloxacin 500mg",
        "has Abdominal aortic aneurysm since 2015",
        "has Eczema since 2015",
    ),
    ("tendon_quinolone", "Ciprofloxacin 500mg", "has Tendon rupture since 2015", "has Eczema since 2015"),
    ("g6pd_oxidants", "Nitrofurantoin 100mg", "has G6PD deficiency since 2015", "has Eczema since 2015"),
    ("liver_methotrexate", "Methotrexate 2.5mg", "has Cirrhosis since 2015", "has Eczema since 2015"),
    ("liver_nsaid", "Naproxen 250mg", "has Cirrhosis since 2015", "has Eczema since 2015"),
    (
        "phaeochromocytoma_metoclopramide",
        "Metoclopramide 10mg",
        "has Phaeochromocytoma since 2015",
        "has Eczema since 2015",
    ),
    (
        "obstruction_prokinetic",
        "Domperidone 10mg",
        "has Bowel obstruction since 2015",
        "has Eczema since 2015",
    ),
    ("arterial_disease_triptan", "Sumatriptan 50mg", "has Angina since 2015", "has Eczema since 2015"),
    ("arterial_disease_coxib", "Diclofenac 50mg", "has Angina since 2015", "has Eczema since 2015"),
    ("stroke_prasugrel", "Prasugrel 10mg", "has Stroke since 2015", "has Eczema since 2015"),
    (
        "pseudoephedrine_blood_pressure",
        "Pseudoephedrine 60mg",
        "Systolic blood pressure = 160 mmHg on 2026-06-01",
        "Systolic blood pressure = 159 mmHg on 2026-06-01; eGFR = 60 mL/min on 2026-06-01",
    ),
    ("depression_isotretinoin", "Isotretinoin 20mg", "has Depression since 2015", "has Eczema since 2015"),
    (
        "digoxin_potassium",
        "Digoxin 125microgram",
        "Potassium = 3.4 mmol/L on 2026-11-01",
        "Potassium = 3.5 mmol/L on 2026-11-01",
    ),
    (
        "pulse_beta_blocker",
        "Bisoprolol 2.5mg",
        "Pulse = 49 /min on 2026-11-01",
        "Pulse = 50 /min on 2026-11-01",
    ),
    (
        "nsaid_65_unprotected",
        "Naproxen 250mg",
        "born 1961-11-22",
        "born 1961-11-22; took Omeprazole 20mg on 2026-10-01",
    ),
    ("nsaid_65_unprotected", "Naproxen 250mg", "born 1961-11-22", "born 1961-11-23"),
    (
        "ulcer_nsaid_unprotected",
        "Naproxen 250mg",
        "born 1980-01-01; has Peptic ulcer since 2015",
        "born 1980-01-01; has Peptic ulcer since 2015; took Omeprazole 20mg on 2026-10-01",
    ),
    (
        "ulcer_antiplatelet_unprotected",
        "Clopidogrel 75mg",
        "has GI bleed since 2015",
        "has GI bleed since 2015; took Omeprazole 20mg on 2026-10-01",
    ),
    (
        "anticoagulant_antiplatelet_unprotected",
        "Warfarin 3mg",
        "took Clopidogrel 75mg on 2026-11-10",
        "took Clopidogrel 75mg on 2026-11-10; took Omeprazole 20mg on 2026-10-01",
    ),
    (
        "anticoagulant_antiplatelet_unprotected",
        "Warfarin 3mg",
        "took Clopidogrel 75mg on 2026-11-10",
        "took Ramipril 5mg on 2026-11-10",
    ),
    (
        "two_antiplatelets_unprotected",
        "Aspirin 75mg",
        "took Clopidogrel 75mg on 2026-11-10",
        "took Clopidogrel 75mg on 2026-11-10; took Omeprazole 20mg on 2026-10-01",
    ),
    (
        "opioid_without_laxative",
        "Morphine 10mg",
        "took Morphine 10mg on 2026-10-20",
        "took Morphine 10mg on 2026-10-20; took Senna 7.5mg on 2026-10-20",
    ),
    ("methotrexate_without_folic_acid", "Methotrexate 2.5mg", "", "took Folic acid 5mg on 2026-10-20"),
    (
        "long_acting_bronchodilator_alone",
        "Salmeterol 25microgram",
        "has Asthma since 2015",
        "has Asthma since 2015; inhaled Beclometasone 100microgram on 2026-10-20",
    ),
    (
        "three_kidney_medicines",
        "Naproxen 250mg",
        "took Ramipril 5mg on 2026-11-10; took Furosemide 40mg on 2026-11-10",
        "took Ramipril 5mg on 2026-11-10",
    ),
    (
        "two_antimuscarinics",
        "Oxybutynin 5mg",
        "took Amitriptyline 25mg on 2026-11-10",
        "took Oxybutynin 5mg on 2026-11-10",
    ),
    (
        "aldosterone_antagonist_unmonitored",
        "Spironolactone 25mg",
        "took Ramipril 5mg on 2026-11-10",
        "Potassium = 4.5 mmol/L on 2026-06-01; took Ramipril 5mg on 2026-11-10",
    ),
]
BY_NAME = {rule.name: rule for rule in KNOWLEDGE.rules.all}


def _found(question: Question, name: str, one: Record) -> list[Finding]:
    route = "Cutaneous" if name.endswith("gel") else "Oral"
    line = ProposedLine("1", medicine(name, route=route))
    return list(check.assess(question, Proposed((line,)), one, knowledge=KNOWLEDGE, on=TODAY).findings)


@pytest.mark.parametrize(("name", "line", "alert", "twin"), RULES)
def test_a_rule_alerts_and_its_twin_is_silent(name: str, line: str, alert: str, twin: str) -> None:
    rule = BY_NAME[name]
    found = [each for each in _found(rule.question, line, told(alert)) if each.rule == name]
    assert [each.severity for each in found] == [rule.severity]
    assert found[0].why
    assert found[0].source == rule.source
    quiet = _found(rule.question, line, told(twin))
    assert [each for each in quiet if each.rule == name] == []
    unsure = [
        each.what for each in quiet if each.severity is Severity.NOT_ASSESSED and rule.title in each.what
    ]
    assert unsure == []


def test_every_rule_has_its_rows() -> None:
    assert Counter(set(BY_NAME) - {row[0] for row in RULES}) == Counter()


def test_nothing_here_was_compared_with_its_source() -> None:
    assert not any(rule.source.verified for rule in KNOWLEDGE.rules.all)


# what is to be supplied, question, record, what is missing, how often it is asked
UNKNOWN = [
    ("Ramipril 5mg", Question.PREGNANCY, record(born="1990-01-01"), "No pregnancy status is on file", 1),
    ("Naproxen 250mg", Question.CONDITION, record(conditions=None), "conditions are not on record", 2),
    ("Aspirin 300mg", Question.AGE, record(born=None), "date of birth is not known", 1),
    (
        "Naproxen 250mg",
        Question.COMPANION,
        record(supplies=None),
        "What the patient takes is not on record",
        1,
    ),
    ("? Nurofen", Question.AGE, record(born="2020-01-01"), "is not matched to a product", 1),
]


@pytest.mark.parametrize(("line", "question", "one", "because", "times"), UNKNOWN)
def test_what_is_missing_is_said(
    line: str, question: Question, one: Record, because: str, times: int
) -> None:
    found = [each for each in _found(question, line, one) if because in each.because]
    assert len(found) == times
    assert {each.severity for each in found} == {Severity.NOT_ASSESSED}


@pytest.mark.parametrize("gender", [Gender.UNKNOWN, Gender.OTHER, Gender.FEMALE])
def test_of_who_could_be_pregnant_valproate_always_asks(gender: Gender) -> None:
    found = _found(Question.PREGNANCY, "Sodium valproate 200mg", record(born="1990-01-01", gender=gender))
    assert Severity.NOT_ASSESSED in {each.severity for each in found}
    assert _found(Question.PREGNANCY, "Sodium valproate 200mg", record(gender=Gender.MALE)) == []


def test_the_other_lines_count() -> None:
    lines = tuple(
        ProposedLine(str(at), medicine(name)) for at, name in enumerate(("Naproxen 250mg", "Omeprazole 20mg"))
    )
    found = check.assess(Question.COMPANION, Proposed(lines), record(), knowledge=KNOWLEDGE, on=TODAY)
    assert found.findings == ()


def test_the_index_of_rules_leaves_none_out() -> None:
    """Its slow twin: every rule is asked whether it is about the medicine."""
    for name in sorted({row[1] for row in RULES}):
        medication = medicine(name, route="Cutaneous" if name.endswith("gel") else "Oral")
        known = described(medication, substances=KNOWLEDGE.substances)
        slow = [rule for rule in KNOWLEDGE.rules.all if has_medicine(rule.medicines, known) is not False]
        found = KNOWLEDGE.rules.about(known.holds)
        assert [rule for rule in found if has_medicine(rule.medicines, known) is not False] == slow
