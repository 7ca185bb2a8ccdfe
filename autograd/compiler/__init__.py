"""The compiler: a function as a `Program`, and what is made of it by passes and executors."""
