"""Those who look on while a graph is built and swept: recording, anomalies, hooks."""
