"""The template language inside texts: references, ``#set``, ``#foreach``, ``#if``, as in Apache Velocity."""
