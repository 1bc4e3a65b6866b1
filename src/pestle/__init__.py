"""Pestle, the pharmacy technician's bench."""

__version__ = "0.1.0"
