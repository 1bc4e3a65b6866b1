"""Findings from facts. Each check is one file and one pure function; see README.md for how to add one."""
