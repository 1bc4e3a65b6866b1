"""Policy of the GP practice and network."""
