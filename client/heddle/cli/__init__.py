"""The `heddle` command: what a person types and a script relies on, on top of the client.

`main` runs it and turns what went wrong into an exit code (`exits`); a command reads its words (`moments`, `mixes`),
makes one call, and shows the answer (`tables`, `booked`, `heatmap`) or, with `--json`, prints it as the portal sent it.
"""
