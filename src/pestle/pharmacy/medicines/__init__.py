"""What a medicine is: concepts, dictionary releases, search, equivalence, barcodes."""
