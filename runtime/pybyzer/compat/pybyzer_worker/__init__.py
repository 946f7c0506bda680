"""What runs inside a worker process, in any Python from 3.8, with pyarrow where there is one.

``wire``, ``blocks``, ``columns``, ``spool``, ``stored`` and ``jsonrows`` import none of their siblings (but
``spool`` its ``stored``): both ends of a pipe use them.
"""
