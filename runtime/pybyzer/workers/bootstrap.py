"""What a worker process starts with: ``python bootstrap.py FD COMPAT``, in any interpreter.

It runs cells one after the other until the session closes the socket FD, and ends itself, with all it
started, when the session is gone. Only COMPAT is added to the path.
"""

import sys

# This file's own folder must not be searched: it has a ray.py.
sys.path[:] = [entry for entry in sys.path if entry != (__file__.rpartition("/")[0] or ".")]

if __name__ == "__main__":
    if sys.version_info < (3, 8):
        sys.exit("Python 3.8 or later is needed, %s is Python %d.%d" % (sys.executable, *sys.version_info[:2]))
    sys.path.insert(0, sys.argv[2])
    from pybyzer_worker import process

    process.main(int(sys.argv[1]))
