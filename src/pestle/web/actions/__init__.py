"""One verb, one transaction, one audit event."""
