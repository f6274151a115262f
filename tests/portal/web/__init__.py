"""The pages: who sees what, what the forms make of what is typed, how often the database is asked."""
