"""What each check knows, and how it is read from its own kinds of definition."""
