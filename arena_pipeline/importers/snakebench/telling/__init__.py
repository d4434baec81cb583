"""What an import did and what came in, for whoever shows it: the report, figures, charts."""
