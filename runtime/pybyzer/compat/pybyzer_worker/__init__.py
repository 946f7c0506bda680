"""What runs inside a worker process, in any Python from 3.8: the standard library, and pyarrow where there is one.

``wire``, ``spool``, ``columns`` and ``jsonrows`` import nothing of their siblings, so that both ends of a pipe use them.
"""
