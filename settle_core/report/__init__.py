"""The report: pieces of each notebook, sentences, HTML."""
