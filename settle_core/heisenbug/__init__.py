"""The story's bug, run for real: five job flows against one PostgreSQL."""
