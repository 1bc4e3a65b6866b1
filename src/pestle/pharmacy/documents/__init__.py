"""What is printed, as values: everything a document says, and nothing of how it looks."""
