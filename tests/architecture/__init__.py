"""The house rules, as tests that read the source.

`tree` finds the files; each `rules_*` module holds pure checkers that turn sources into sentences about what is
wrong; each `test_*` runs a checker over the tree, and over a tiny bad sample to show that it bites. No database.
"""
