"""An export in and out: profiles, typed tables, rejected rows, control totals, PostgreSQL."""
