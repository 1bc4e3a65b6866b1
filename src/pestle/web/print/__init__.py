"""Document values as PDF, set by Typst, with the symbols that scanners read."""
