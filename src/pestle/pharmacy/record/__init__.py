"""What we know of a patient: facts with when, from whom, and recorded when; never edited, only followed."""
