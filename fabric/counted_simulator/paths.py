"""Where everything lies."""

ROOT = "/api/v1"
TOKEN = f"{ROOT}/auth/token"
SPECS = f"{ROOT}/specs"
MACHINES = f"{ROOT}/machines"
DEVICES = f"{ROOT}/devices"
JOB = f"{ROOT}/job"
KNOBS = "/simulator/knobs"
