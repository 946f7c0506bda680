"""Where ``pyjava.storage.streaming_tar`` lives."""
