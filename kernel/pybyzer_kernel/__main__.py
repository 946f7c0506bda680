"""``python -m pybyzer_kernel -f connection.json`` runs a kernel; ``... install`` installs its spec."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if sys.argv[1:2] == ["install"]:
        from pybyzer_kernel.install import main

        sys.exit(main(sys.argv[2:]))
    from pybyzer_kernel.app import main as run

    run()
