"""Files by path or URL, as Hadoop's file shell knows them."""
