"""How does the NHS Electronic Prescription Service say it? See README.md."""
