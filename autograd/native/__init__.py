"""The C twin: what of the engine is printed, or written, in C."""
