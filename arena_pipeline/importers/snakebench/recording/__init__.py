"""From a document to the store: prepared side by side, chosen between, written in whole batches."""
