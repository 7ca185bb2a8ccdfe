"""What makes functions of functions: gradients, implicit functions, checkpoints."""
