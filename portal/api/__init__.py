"""The door for programs: `/api/v1/`, its description at `/api/schema/` and `/api/docs/`, and the health endpoints.

A view is thin: access → parse → one service call → render. Every error is a problem document (`problems`, `errors`),
every list is paged by key (`paging`), every unsafe call takes an Idempotency-Key (`idempotent`), unknown parameters and
fields are refused (`params`, `body`). Who may see what is asked of `portal.access`; rules live in the scheduler.
"""
