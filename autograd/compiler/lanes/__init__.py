"""Many lanes at once: a program of scalars as few instructions over arrays, and what runs them."""
