"""So that `python -m pestle.cli` is the command too."""

import sys

from pestle.cli import main

sys.exit(main())
