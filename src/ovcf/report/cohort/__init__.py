"""The report of a cohort: one content as HTML, PDF, Word, CSV and figures."""
