"""Published formulas: one file each, with the paper, exact in and out."""
