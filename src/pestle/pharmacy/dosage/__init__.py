"""What an instruction means: read it, say it, put it on a clock, turn it into a quantity."""
