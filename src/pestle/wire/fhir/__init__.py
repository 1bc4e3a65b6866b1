"""What every FHIR R4 message shares: the lossless tree, a reader that knows its place, the data types."""
