"""Pool files."""
