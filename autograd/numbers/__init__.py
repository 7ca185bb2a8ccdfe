"""Number types, and float functions that answer as IEEE 754 does; nothing here knows a row."""
