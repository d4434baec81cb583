"""Small judgments on what was published: times, costs, faults, names of nobody, what is hidden."""
