"""Who does what next: four small tables, and one reasoning for the button and for the action."""
