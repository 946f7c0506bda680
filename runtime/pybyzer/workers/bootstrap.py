"""What a worker process starts with: ``python bootstrap.py FD COMPAT``, in any interpreter.

It runs cells one after the other until the session closes the socket FD, and ends itself, with all it
started, when the session is gone. Only COMPAT is added to the path.
"""

import sys

# This file's own folder must not be searched: it has a ray.py.
sys.path[:] = [entry for entry in sys.path if entry != (__file__.rpartition("/")[0] or ".")]

OLDEST = (3, 8)

if __name__ == "__main__":
    if tuple(sys.version_info) < OLDEST:
        sys.exit("Python 3.8 or later is needed, " + sys.executable + " is Python " + sys.version.split()[0])
    sys.path.insert(0, sys.argv[2])
    from pybyzer_worker import process  # type: ignore[import-not-found]  # it is in COMPAT

    process.main(int(sys.argv[1]))
