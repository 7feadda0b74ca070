"""Writing to disk: results that replace only themselves, private temporary folders."""
