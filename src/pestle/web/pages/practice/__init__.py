"""The pages of a GP practice: what waits, medicines lists, requests, imports, what to enter elsewhere."""
