"""From typed tables to what each counter-entry's writer saw."""
