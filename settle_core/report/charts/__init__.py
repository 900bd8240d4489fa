"""Charts as SVG, drawn here: the same bytes on every machine."""
