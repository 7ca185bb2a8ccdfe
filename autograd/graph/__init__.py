"""The graph: nodes, their order, how they are built, Value, the sweep, and who watches."""
