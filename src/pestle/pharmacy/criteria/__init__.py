"""Conditions on a patient's record: one closed language, three answers, each with its reason."""
