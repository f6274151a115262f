"""The pages: access → form → service → render.

Every page works without JavaScript; htmx re-fetches fragments of it through the same view. Templates get prepared view
models (`present/`): no queries, arithmetic or permissions in them. Rules live in the scheduler, who may see what in
`portal.access`.
"""
