"""Forms, views and templates: who, load, one action, redirect."""
