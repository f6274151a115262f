#!/usr/bin/env python3
"""The one door for people at a terminal: `python3 manage.py up`, `python3 manage.py test`, and every other command.

Must be readable by any Python, so that an old one can say what is missing instead of failing with a syntax error.
"""

import os
import subprocess
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)


def main():
    if sys.version_info[:2] < OLDEST:
        newer_python_or_exit()
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from portal.runtime.commands import run

    sys.exit(run(sys.argv[1:]))


def newer_python_or_exit():
    """Go on with a newer Python that is on the PATH; it replaces this process."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "python3.%d" % minor
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            program = os.path.join(folder, name)
            if os.access(program, os.X_OK) and runs(program):
                os.execv(program, [name] + sys.argv)
    sys.exit("Heddle needs Python 3.11, 3.12 or 3.13; this is %d.%d (%s)." % (sys.version_info[:2] + (sys.executable,)))


def runs(program):
    """Version managers put programs on the PATH that only say what is missing."""
    with open(os.devnull, "w") as nowhere:
        return subprocess.call([program, "-c", ""], stdout=nowhere, stderr=nowhere) == 0


if __name__ == "__main__":
    main()
