"""Criteria over a population: the same definitions, at the speed of the hardware."""
