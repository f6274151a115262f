"""Reads for pages and API: ORM → frozen dataclasses, a fixed number of queries each, no permission and no wording.

Who may see what is decided by the caller (`portal.access`) and passed in: `project_ids` None means every project.
Words: Row (one line of a list), Detail (one thing whole), Page (rows and where the next page begins).
"""
