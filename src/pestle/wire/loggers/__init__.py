"""Files of temperature loggers, as readings."""
