"""``python -m pybyzer_kernel -f connection.json`` runs a kernel; with a word, it is ``pybyzer``."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if sys.argv[1:] and not sys.argv[1].startswith("-"):
        from pybyzer_kernel.cli import main

        sys.exit(main())
    from pybyzer_kernel import starting

    starting.begin()
    from pybyzer_kernel.app import main as run

    run()
