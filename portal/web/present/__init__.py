"""View models: what a template shows, worked out beforehand. Templates do no arithmetic, no queries, no permissions.

`words` and `states` say things in words and shapes; each other module prepares the pages of one area.
"""
