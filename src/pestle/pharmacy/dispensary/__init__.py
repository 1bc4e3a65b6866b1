"""Policy of the dispensary: the way of a prescription from message to patient."""
