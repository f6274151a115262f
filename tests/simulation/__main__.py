"""`python -m tests.simulation`."""

import sys

from tests.simulation.running import main

sys.exit(main())
